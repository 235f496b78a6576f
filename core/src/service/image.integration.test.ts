import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { machine } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { imageOf, indexOf, writeLayout } from '../oci/test/images.ts'
import { tarOf } from '../oci/test/layers.ts'
import { packProject } from '../s9pk/pack/index.ts'
import { install } from './test/packages.ts'
import { openWorld, startDaemon, statusOf, type Daemon, type World } from './test/world.ts'

const ARCHITECTURE = machine() === 'aarch64' ? 'arm64' : 'amd64'
const MANIFEST = {
  id: 'from-image',
  version: '1.0.0:0',
  canMigrateTo: '*',
  canMigrateFrom: '*',
  title: 'From an image',
  description: { short: 'A probe', long: 'A probe' },
  releaseNotes: 'First',
  license: 'MIT',
  upstreamRepo: 'https://example.com/',
  images: { main: { source: 'packed', arch: [machine()] } },
  hardwareRequirements: { arch: [machine()] },
  volumes: [],
}

/** Starts what the image says, as the image says, and tells of its end as a failure. */
const CODE = `
const { spawn } = require('node:child_process'), fs = require('node:fs')
exports.manifest = ${JSON.stringify(MANIFEST)}
exports.init = async ({ effects }) => {
  await effects.setDataVersion({ version: exports.manifest.version })
  await effects.bind({ id: 'web', internalPort: 8000, preferredExternalPort: 28768, addSsl: null, secure: null })
}
exports.actions = { get: () => undefined }
exports.uninit = async ({ effects }) => effects.setDataVersion({ version: null })
exports.main = async ({ effects }) => ({ build: async () => {
  const [root] = await effects.subcontainer.createFs({ imageId: 'main', name: null })
  const image = '/media/startos/images/main'
  const { user, workdir, entrypoint, cmd } = JSON.parse(fs.readFileSync(image + '.json', 'utf8'))
  const flags = ['--env-file', image + '.env', '--user', user, '--workdir', workdir]
  const child = spawn('start-container', ['subcontainer', 'launch', ...flags, root, ...entrypoint, ...cmd], { stdio: 'inherit' })
  const ended = new Promise((resolve) => child.on('exit', resolve))
  const tell = (result) => effects.setHealth({ id: 'web', name: 'Web', result, message: '' })
  const get = () => fetch('http://127.0.0.1:8000/').then((answer) => answer.ok, () => false)
  while (child.exitCode === null && !(await get())) await new Promise((resolve) => setTimeout(resolve, 50))
  await tell(child.exitCode === null ? 'success' : 'failure')
  return { term: async () => { child.kill(); await ended } }
} })
exports.createBackup = async () => {}
`

let world: World
let daemon: Daemon
beforeAll(async () => {
  world = await openWorld()
  daemon = await startDaemon(world.place)
})
afterAll(async () => {
  await daemon.stop()
  await world.dispose()
})

async function project(): Promise<string> {
  const directory = await mkdtemp(join(world.scratch, 'project-'))
  await mkdir(join(directory, 'javascript'))
  await writeFile(join(directory, 'javascript/index.js'), CODE)
  await writeFile(join(directory, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(directory, 'LICENSE'), 'MIT')
  await writeFile(join(directory, 'instructions.md'), 'Nothing to do.')
  await copyFile('/usr/bin/busybox', join(directory, 'busybox'))
  const base = tarOf(
    { path: 'bin/busybox', mode: 0o755, content: await readFile('/usr/bin/busybox') },
    { path: 'bin/sh', type: 'link', linkname: 'bin/busybox' },
    { path: 'srv/index.html', content: 'from below' },
    { path: 'srv/kept', content: 'x' },
    { path: 'srv/secret', content: 'to be taken away' },
  )
  const upper = tarOf({ path: 'srv/', uid: 1000, gid: 1000 }, { path: 'srv/.wh.secret' })
  // The page that it serves shows environment, user and working directory, and what is left of the lower layer.
  const page = 'echo "$GREETING from $(busybox id -u) in $(pwd), with $(busybox ls)" > index.html'
  const config = {
    User: '1000:1000',
    WorkingDir: '/srv',
    Env: ['GREETING=hello', 'PATH=/bin'],
    Entrypoint: ['/bin/sh', '-c'],
    Cmd: [`busybox rm index.html; ${page}; exec busybox httpd -f -p 8000`],
  }
  const image = imageOf([base, upper], { architecture: ARCHITECTURE, config, packings: ['zstd', 'gzip'] })
  const other = imageOf([base], { architecture: 'riscv64' })
  await writeLayout(join(directory, 'image'), { '': indexOf(other, image) })
  await writeFile(join(directory, 'images.yaml'), 'main: { oci: image }\n')
  return directory
}

it('a service made of a container image runs as the image says', async () => {
  const { path } = await packProject(await project(), {
    seed: new Uint8Array(32).fill(7),
    cacheDir: join(world.scratch, 'cache'),
  })
  const { id } = await install(daemon.services, path)
  await daemon.services.start(id, false)
  const { health } = await statusOf(daemon.db, id, (status) => status.health['web'] !== undefined)
  expect(health['web']).toMatchObject({ result: 'success' })
  const { hosts } = daemon.db.peek().public.packageData[id]!
  const port = hosts['web']?.bindings['8000']?.net.assignedPort
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  expect(await answer.text()).toBe('hello from 1000 in /srv, with kept\n')
})
