import { mkdtemp, open, readFile, readdir, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type S9pkError, archiveName, bytesSource, openS9pk } from '@startd/base/s9pk/index.ts'
import { filterArchitecture, printArchive } from '../write/index.ts'
import { type DownloadOptions, downloadS9pk, forgetDownload, unfinishedDownload } from './index.ts'
import { type Behaviour, MirrorServer } from './test/mirror-server.ts'
import { threeArches } from './test/three-arches.ts'

const HASTE = { patience: 300, retryDelay: 1 }

let packed: Awaited<ReturnType<typeof threeArches>>
/** The package as a machine of x86_64 keeps it. */
let filtered: Buffer
let name: string
let directory: string
let servers: AsyncDisposableStack
beforeAll(async () => {
  packed = await threeArches()
  const s9pk = await openS9pk(bytesSource(packed.bytes))
  const tree = filterArchitecture(s9pk.archive, s9pk.manifest, 'x86_64')
  filtered = await buffer(printArchive(tree, { signer: { keep: s9pk.archive.header }, order: 'priority' }))
  name = archiveName(s9pk.root)
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'download-'))
  servers = new AsyncDisposableStack()
})
afterEach(async () => {
  await servers.disposeAsync()
  await rm(directory, { recursive: true })
})

const serve = async (behaviour: Behaviour = {}, file = packed.bytes) =>
  servers.use(await MirrorServer.serve(file, behaviour))
const download = (urls: string[], options: Partial<DownloadOptions> = {}) =>
  downloadS9pk(urls, directory, { arch: 'x86_64', ...HASTE, ...options })
const failure = async (urls: string[], options: Partial<DownloadOptions> = {}) =>
  download(urls, options).then(
    () => Promise.reject(new Error('was downloaded')),
    (error: unknown) => error as S9pkError,
  )
const files = async () =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
const expectFiltered = async ({ path, size }: { path: string; size: number }) => {
  expect((await readFile(path)).equals(filtered)).toBe(true)
  expect(size).toBe(filtered.length)
  expect(await files()).toEqual([`${name}.s9pk`])
}

describe('a download', () => {
  it('fetches only what this machine needs, and keeps it as a signed package of its own', async () => {
    const server = await serve()
    const progress: number[] = []
    const received = await download([server.url], { onProgress: (done) => progress.push(done) })
    await expectFiltered(received)
    expect(received.path).toBe(join(directory, 'installed', `${name}.s9pk`))
    await received.s9pk.verify()
    expect(server.sent / packed.bytes.length).toBeLessThan(0.4)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(progress.at(-1)).toBe(filtered.length)
  })

  it('shows the package before its images are fetched', async () => {
    const server = await serve()
    let sent = 0
    await download([server.url], {
      onHeader: (preview) => {
        sent = server.sent
        expect(preview).toMatchObject({ manifest: { id: 'probe' }, size: filtered.length })
        expect(preview.icon).toMatch(/^data:image\/svg/)
      },
    })
    expect(sent).toBeLessThan(64_000)
  })

  it('takes the same members wherever they lie on a mirror', async () => {
    const [first, second] = [
      await serve({ cutAfter: (n) => (n > 3 ? 20_000 : null) }),
      await serve({}, packed.priority),
    ]
    await expectFiltered(await download([first.url, second.url]))
    expect(second.sent).toBeGreaterThan(300_000)
  })

  it('is left when its receiver objects, and nothing is kept', async () => {
    const server = await serve()
    const error = await failure([server.url], {
      onHeader: () => Promise.reject(new Error('being installed already')),
    })
    expect(error.message).toBe('being installed already')
    expect(await files()).toEqual([])
  })

  it('refuses a package that is too large, or that this machine cannot use, before its images', async () => {
    const server = await serve()
    expect(await failure([server.url], { maxSize: 100_000 })).toMatchObject({ fault: 'too-large' })
    expect(await failure([server.url], { arch: 'mips' })).toMatchObject({ fault: 'architecture' })
    const rootMaxsize = 1000
    const commitment = { rootSighash: Buffer.alloc(32).toString('base64'), rootMaxsize }
    expect(await failure([server.url], { commitment })).toMatchObject({ fault: 'untrusted' })
    expect(server.sent).toBeLessThan(100_000)
    expect(await files()).toEqual([])
  })

  it('says what is wrong with an address or with what lies there', async () => {
    const text = async (url: string) => (await failure([url])).details
    expect(await text('ftp://example.com/a')).toMatch(/not a web address/)
    const gone = await MirrorServer.serve(Buffer.alloc(0))
    await gone[Symbol.asyncDispose]()
    expect(await text(gone.url)).toMatch(/nothing answers at 127.0.0.1:/)
    expect(await text((await serve({ status: () => 404 })).url)).toMatch(
      /no file at this address \(HTTP 404\)/,
    )
    expect(await text((await serve({}, Buffer.from('PK\x03\x04 zip'))).url)).toMatch(/zip archive/)
    expect(await text((await serve({}, Buffer.from('<html>'))).url)).toMatch(/not a package/)
    expect(await text((await serve({}, packed.bytes.subarray(0, 900_000))).url)).toMatch(/incomplete/)
  })
})

describe('a server that is cut off', () => {
  it('is asked again for the rest only', async () => {
    const server = await serve({ cutAfter: (n) => (n > 3 && n < 8 ? 90_000 : null) })
    await expectFiltered(await download([server.url]))
    expect(server.sent).toBeLessThan(filtered.length + 80_000)
  })

  it('or falls silent is followed by the next one, which goes on inside of the file', async () => {
    const first = await serve({ stallAfter: (_, length) => (length > 350_000 ? 300_000 : null) })
    const second = await serve()
    await expectFiltered(await download([first.url, second.url]))
    expect(second.sent).toBeLessThan(200_000)
    expect(await failure([(await serve({ stallAfter: () => 0 })).url])).toMatchObject({
      fault: 'stalled',
      kind: 'Timeout',
    })
  })
})

describe('a server that misbehaves', () => {
  const good = () => serve()
  const image = () => packed.bytes.indexOf(packed.files.get('images/x86_64/main.squashfs')!)
  const damaging = (at: number) => ({
    change: (bytes: Buffer, start: number) => {
      if (at >= start && at < start + bytes.length) bytes[at - start]! ^= 1
      return bytes
    },
  })

  it('and sends wrong bytes is left for another one, and named when there is none', async () => {
    const bad = await serve(damaging(image() + 200_000))
    await expectFiltered(await download([bad.url, (await good()).url]))
    await rm(join(directory, 'installed', `${name}.s9pk`))
    expect(await failure([bad.url])).toMatchObject({ fault: 'untrusted', kind: 'InvalidSignature' })
    expect(await files()).toEqual([])
  })

  it('and sends a wrong beginning of a file that another one completes is found out', async () => {
    const bad = await serve({ ...damaging(image() + 10), cutAfter: (n) => (n > 3 ? 200_000 : null) })
    await expectFiltered(await download([bad.url, (await good()).url]))
  })

  it.each<[string, Behaviour]>([
    ['sends another part than was asked for', { shift: 7 }],
    ['announces less than it sends', { headers: () => ({ 'content-length': '10' }) }],
    [
      'announces more than it sends',
      { headers: () => ({ 'content-length': '99999999' }), cutAfter: () => 5000 },
    ],
    ['claims another range', { headers: () => ({ 'content-range': 'bytes 0-1/2' }) }],
    ['redirects without end', { status: () => 302, headers: () => ({ location: '/' }) }],
    [
      'redirects to a file of its own',
      { status: () => 302, headers: () => ({ location: 'file:///etc/passwd' }) },
    ],
    ['is overloaded', { status: () => 503 }],
  ])('and %s is left for another one', async (_, behaviour) => {
    const bad = await serve(behaviour)
    await expectFiltered(await download([bad.url, (await good()).url]))
    await rm(join(directory, 'installed', `${name}.s9pk`))
    expect(await failure([bad.url])).toMatchObject({
      kind: expect.stringMatching(/Network|Timeout|InvalidSignature/),
    })
  })

  it('and changes the file during the download is left, unless it is the same package', async () => {
    const other = (await threeArches()).bytes
    const bad = await serve({ replaced: { from: 4, by: other } })
    expect(await failure([bad.url])).toMatchObject({ fault: 'untrusted' })
    const moved = await serve({ headers: (n) => ({ etag: n < 4 ? '"a"' : '"b"' }) })
    await expectFiltered(await download([moved.url]))
  })
})

describe('a server without ranges', () => {
  it('sends everything, which is kept', async () => {
    const server = await serve({ noRanges: true })
    let shown = 0
    const received = await download([server.url], { onHeader: () => void shown++ })
    expect((await readFile(received.path)).equals(packed.bytes)).toBe(true)
    expect(shown).toBe(1)
  })

  it('is asked again when it was cut off, and shown once', async () => {
    const server = await serve({ noRanges: true, cutAfter: (n) => (n === 1 ? 1_250_000 : null) })
    let shown = 0
    const received = await download([server.url], { onHeader: () => void shown++ })
    expect([received.size, shown]).toEqual([packed.bytes.length, 1])
    expect(await files()).toEqual([`${name}.s9pk`])
  })

  it('comes after those that have them, and takes over when those fail', async () => {
    const plain = await serve({ noRanges: true })
    await expectFiltered(await download([plain.url, (await serve()).url]))
    await rm(join(directory, 'installed', `${name}.s9pk`))
    const failing = await serve({ status: (n) => (n > 3 ? 404 : null) })
    const received = await download([failing.url, plain.url])
    expect(received.size).toBe(packed.bytes.length)
    expect(await files()).toEqual([`${name}.s9pk`])
  })
})

describe('a download that was not finished', () => {
  const cancelled = async (server: MirrorServer, after: number) => {
    const controller = new AbortController()
    const error = await failure([server.url], {
      signal: controller.signal,
      onProgress: (done) => void (done > after && controller.abort()),
    })
    expect(error).toMatchObject({ kind: 'Cancelled' })
  }

  it('is gone on with where it was, and verified again', async () => {
    const server = await serve()
    await cancelled(server, 300_000)
    expect(await unfinishedDownload(directory, name)).toMatchObject({ urls: [server.url], arch: 'x86_64' })
    const again = await serve()
    await expectFiltered(await download([again.url]))
    expect(again.sent).toBeLessThan(filtered.length - 150_000)
  })

  it('keeps what it has when all servers fail', async () => {
    let silent = false
    const stallAfter = (_: number, length: number) => (length > 350_000 ? ((silent = true), 300_000) : null)
    const server = await serve({ stallAfter, status: () => (silent ? 503 : null) })
    expect(await failure([server.url])).toMatchObject({ fault: 'busy' })
    server.behaviour = {}
    const before = server.sent
    await expectFiltered(await download([server.url]))
    expect(server.sent - before).toBeLessThan(200_000)
  })

  it('is begun anew where its file was damaged or lost in the meantime', async () => {
    const server = await serve()
    await cancelled(server, 300_000)
    const path = join(directory, 'partial', `${name}.s9pk`)
    {
      await using file = await open(path, 'r+')
      await file.write(Buffer.alloc(200_000, 1), 0, 200_000, 1000)
    }
    await expectFiltered(await download([server.url]))
    await rm(join(directory, 'installed', `${name}.s9pk`))
    await cancelled(server, 300_000)
    await rm(path)
    await expectFiltered(await download([server.url]))
  })

  it('is of no use to another architecture, and is forgotten when asked or old', async () => {
    const server = await serve()
    await cancelled(server, 300_000)
    const received = await download([server.url], { arch: 'aarch64' })
    await received.s9pk.verify()
    expect(received.s9pk.file('images/x86_64')?.kind).toBe('missing')
    await rm(received.path)
    await cancelled(server, 300_000)
    await forgetDownload(directory, name)
    expect(await files()).toEqual([])
    await cancelled(server, 300_000)
    const partial = join(directory, 'partial')
    for (const file of await readdir(partial)) await utimes(join(partial, file), 1, 1)
    await failure(['http://127.0.0.1:1/'])
    expect(await files()).toEqual([])
  })

  it('is not begun twice at the same time', async () => {
    const server = await serve()
    const both = await Promise.allSettled([download([server.url]), download([server.url])])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await stat(join(directory, 'installed'))).isDirectory()).toBe(true)
  })
})
