import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { machine } from 'node:os'
import type { Services } from '../index.ts'
import { openS9pkFile } from '../../s9pk/index.ts'
import { packProject } from '../../s9pk/pack/index.ts'
import { bytesContent } from '../../s9pk/write/content.ts'
import { writeArchive } from '../../s9pk/write/index.ts'
import { treeOf } from '../../s9pk/write/source-tree.ts'

const seedOf = (signer = 7) => new Uint8Array(32).fill(signer)

export interface TestPackage {
  id: string
  version?: string
  /** Changes to the manifest. */
  manifest?: Record<string, unknown>
  /** Architecture other than this machine's. */
  arch?: string
  /** One number that the signing key is made of. */
  signer?: number
  /** External port that it prefers. */
  port?: number
  /** CommonJS text that may change `exports`, after the usual ones are set. */
  code?: string
}

/** Packs a small package whose code is `code` on top of a service that answers HTTP on port 8000. */
export async function pack(scratch: string, options: TestPackage): Promise<string> {
  const project = await mkdtemp(join(scratch, `${options.id}-`))
  const arch = options.arch ?? machine()
  const image = join(project, 'image')
  for (const directory of [
    'javascript',
    'image/bin',
    'image/etc',
    'image/proc',
    'image/tmp',
    'image/dev',
    'image/sys',
  ]) {
    await mkdir(join(project, directory), { recursive: true })
  }
  await copyFile('/usr/bin/busybox', join(image, 'bin/busybox'))
  await writeFile(join(image, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  await writeFile(join(image, 'etc/group'), 'root:x:0:\n')
  await writeFile(join(project, 'images.yaml'), 'main:\n  directory: image\n')
  await writeFile(join(project, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(project, 'LICENSE'), 'MIT')
  await writeFile(join(project, 'instructions.md'), 'Nothing to do.')
  const manifest = {
    id: options.id,
    version: options.version ?? '1.0.0:0',
    canMigrateTo: '=1.0.0:0',
    canMigrateFrom: '*',
    title: 'Probe',
    description: { short: 'A probe', long: 'A probe' },
    releaseNotes: 'First',
    license: 'MIT',
    upstreamRepo: 'https://example.com/',
    images: { main: { source: 'packed', arch: [arch] } },
    hardwareRequirements: { arch: [arch] },
    volumes: ['main'],
    ...options.manifest,
  }
  const code = `const PORT = ${options.port ?? 28765}\nexports.manifest = ${JSON.stringify(manifest)}\n${USUAL}\n${options.code ?? ''}`
  await writeFile(join(project, 'javascript/index.js'), code)
  const output = join(scratch, `${options.id}-${Math.random().toString(36).slice(2)}.s9pk`)
  const { path } = await packProject(project, {
    seed: seedOf(options.signer),
    output,
    cacheDir: join(scratch, 'cache'),
  })
  return path
}

/** A copy of a package, validly signed, that lacks the members which fit all of the patterns. */
export async function without(file: string, ...patterns: RegExp[]): Promise<string> {
  await using opened = await openS9pkFile(file)
  const { s9pk } = opened
  const kept = s9pk.members().filter(({ path }) => !patterns.every((pattern) => pattern.test(path)))
  const contents = await Promise.all(
    kept.map(
      async ({ path }) => [path, bytesContent(Buffer.from(await s9pk.readFile(path, 1 << 30)))] as const,
    ),
  )
  const output = `${file}.without.s9pk`
  await writeArchive(treeOf(new Map(contents)), output, { signer: { seed: seedOf() } })
  return output
}

export async function install(
  services: Services,
  file: string,
  acceptSigner: string | null = null,
): Promise<{ id: string }> {
  return await services.install(createReadStream(file), {
    size: null,
    acceptSigner,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })
}

const USUAL = `
const STARTED = Date.now()
const fs = require('node:fs'), http = require('node:http')
const VOLUME = '/media/startos/volumes/main'
const note = (text) => fs.appendFileSync(VOLUME + '/notes', text + '\\n')
const name = () => fs.existsSync(VOLUME + '/name') ? fs.readFileSync(VOLUME + '/name', 'utf8') : null
const metadata = (more) => ({ name: 'Act', description: '', warning: null, visibility: 'enabled',
  allowedStatuses: 'any', group: null, hasInput: false, ...more })
const actions = {
  greet: { metadata: metadata({ allowedStatuses: 'only-running' }),
    run: async () => ({ version: '0', message: 'hello', value: 'secret', copyable: true, qr: false }) },
  'set-name': { metadata: metadata({ hasInput: true }), forms: new Set(),
    getInput: async ({ effects }) => { actions['set-name'].forms.add(effects.eventId)
      return { eventId: effects.eventId, spec: {}, value: { name: name() } } },
    run: async ({ effects, input }) => {
      if (!actions['set-name'].forms.has(effects.eventId)) throw new Error('no form for this event')
      fs.writeFileSync(VOLUME + '/name', input.name)
      return null } },
}
exports.actions = { get: (id) => actions[id] }
exports.init = async ({ effects, kind }) => {
  note('init ' + kind + ' ' + exports.manifest.version)
  await effects.setDataVersion({ version: exports.manifest.version })
  await effects.bind({ id: 'main', internalPort: 8000, preferredExternalPort: PORT, addSsl: null, secure: null })
  await effects.exportServiceInterface({ id: 'ui', name: 'Page', description: '', masked: false, type: 'ui',
    addressInfo: { hostId: 'main', internalPort: 8000, scheme: 'http', sslScheme: null, suffix: '', username: null } })
  await effects.clearBindings({ except: [{ id: 'main', internalPort: 8000 }] })
  await effects.clearServiceInterfaces({ except: ['ui'] })
  for (const [id, { metadata }] of Object.entries(actions)) await effects.action.export({ id, metadata })
  await effects.action.clear({ except: Object.keys(actions) })
  await effects.setDependencies({ dependencies: [] })
}
exports.uninit = async ({ effects, target }) => {
  note('uninit ' + (target === null ? null : String(target)))
  await effects.setDataVersion({ version: target === null ? null : String(target) })
}
exports.main = async ({ effects }) => ({ build: async () => {
  note('main')
  console.log('main of ' + effects.eventId + ' runs')
  let message = 'ready', polls = 0, mailChanges = 0
  const polled = []
  const mail = () => effects.getSystemSmtp({ callback: () => { mailChanges++; void mail() } })
  await mail()
  const text = (promise) => promise.then(() => 'fine', (error) => String(error.message))
  const mount = (target, location = '/mnt/x') => text(effects.mount({ location,
    target: { packageId: 'probe', volumeId: 'main', subpath: null, readonly: false, idmap: [], ...target } }))
  const pages = {
    '/polls': () => new Promise((resolve) => polled.push({ at: polls + 2, resolve })),
    '/say-hello-to-the-log': () => console.log('asked for /say-hello-to-the-log'),
    '/task': () => void effects.action.createTask({ replayId: 'rename', packageId: 'probe', actionId: 'set-name',
      severity: 'critical', reason: 'a name is needed', when: { condition: 'input-not-matches', once: false },
      input: { kind: 'partial', accept: [{ name: 'Grace' }], set: { name: 'Grace' } } }),
    '/smtp-changes': async () => String(mailChanges),
    '/escapes': async () => JSON.stringify([
      await mount({ subpath: '../../../../../../etc' }),
      await mount({ packageId: 'other' }),
      await raw('bind-mount', { source: '/', target: '/mnt/x' }),
      await mount({ volumeId: 'nothing' }),
    ]),
    '/health-now': () => { message = 'asked'; return tell() },
  }
  const server = http.createServer(async (request, response) =>
    response.end((await pages[request.url]?.()) ?? 'hello from ' + STARTED))
  await new Promise((resolve) => server.listen(8000, resolve))
  const tell = async () => {
    await effects.setHealth({ id: 'web', name: 'Web', result: 'success', message })
    polls++
    for (const waiting of polled.splice(0)) waiting.at <= polls ? waiting.resolve() : polled.push(waiting)
  }
  await tell()
  const timer = setInterval(() => tell().catch((error) => console.error(error)), 200)
  return { term: async () => { clearInterval(timer); server.closeAllConnections(); server.close() } }
} })
const raw = (method, params) => new Promise((resolve, reject) => {
  const socket = require('node:net').connect('/media/startos/rpc/host.sock')
  socket.on('error', reject)
  socket.on('data', (text) => { socket.destroy(); resolve(JSON.parse(text).error.message) })
  socket.write(JSON.stringify({ id: 1, method, params }) + '\\n')
})
exports.createBackup = async () => {}
`
