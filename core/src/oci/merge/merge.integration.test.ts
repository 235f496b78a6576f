import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentIn, gzipped, layerOf, listing, type Made, tarOf, xattrsIn } from '../test/layers.ts'
import { type MergeOptions, squashLayers } from './index.ts'

let world: string
let output: string
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'merge-test-'))
  output = join(world, 'out.squashfs')
})
afterEach(() => rm(world, { recursive: true }))

const OPTIONS: MergeOptions = { what: 'the image', whiteouts: true }

async function squash(layers: Made[][], options: Partial<MergeOptions> = {}) {
  const made = layers.map((entries, i) => layerOf(tarOf(...entries), `layer ${i + 1}`))
  await rm(output, { force: true })
  await squashLayers(made, output, { ...OPTIONS, ...options })
  return listing(output)
}

/** What is listed besides the mount points that every image gets. */
async function paths(...layers: Made[][]): Promise<string[]> {
  const usual = ['/', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp']
  return Object.keys(await squash(layers)).filter((path) => !usual.includes(path))
}

async function refusal(...layers: Made[][]): Promise<string> {
  const error = await squash(layers).catch((thrown: unknown) => thrown)
  if (!(error instanceof CodedError)) throw new Error('was merged or failed otherwise', { cause: error })
  expect(await readdir(world)).toEqual([])
  return `${error.kind}: ${error.details}`
}

const file = (path: string, content = path): Made => ({ path, content })
const link = (path: string, linkname: string): Made => ({ path, type: 'link', linkname })
const symlink = (path: string, linkname: string): Made => ({ path, type: 'symlink', linkname })

describe('a merged root file system', () => {
  it('keeps owners, modes, times, links, attributes and names of any bytes', async () => {
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex').toString('latin1')
    const long = `${'d'.repeat(90)}/${'e'.repeat(250)}`
    const listed = await squash([
      [
        { path: './', mode: 0o751 },
        { path: 'bin/' },
        { path: 'bin/su', mode: 0o4755, content: 'su', mtime: 86400 },
        {
          path: 'bin/ping',
          mode: 0o755,
          content: 'ping',
          xattrs: new Map([['security.capability', capability]]),
        },
        link('bin/ping6', 'bin/ping'),
        symlink('lib', 'usr/lib'),
        { path: 'srv/pipe', type: 'fifo', uid: 1000, gid: 2_500_000 },
        { path: 'tmp/', mode: 0o1777 },
        file('caf\u00e9'),
        file('README'),
        file('readme'),
        file(long),
      ],
    ])
    expect(listed).toMatchObject({
      '/': 'drwxr-x--x 0/0',
      'bin/su': '-rwsr-xr-x 0/0 2',
      'bin/ping': '-rwxr-xr-x 0/0 4',
      lib: 'lrwxrwxrwx 0/0 -> usr/lib',
      'srv/pipe': 'prw-r--r-- 1000/2500000 0',
      srv: 'drwxr-xr-x 0/0',
      tmp: 'drwxrwxrwt 0/0',
      README: '-rw-r--r-- 0/0 6',
      readme: '-rw-r--r-- 0/0 6',
      [long]: '-rw-r--r-- 0/0 341',
      proc: 'drwxr-xr-x 0/0',
    })
    const out = join(world, 'out')
    await execa('unsquashfs', ['-quiet', '-no-progress', '-d', out, output])
    expect(await xattrsIn(out, 'bin/ping6')).toEqual(new Map([['security.capability', capability]]))
    const inodes = await execa('stat', [
      '-c',
      '%i %Y',
      join(out, 'bin/ping'),
      join(out, 'bin/ping6'),
      join(out, 'bin/su'),
    ])
    const [ping, ping6, su] = inodes.stdout.split('\n')
    expect(ping6).toBe(ping)
    expect(su).toMatch(/ 86400$/)
    expect(
      (await readdir(Buffer.from(out), { encoding: 'buffer' })).map((name) => name.toString('latin1')),
    ).toContain('caf\u00e9')
  })

  it('is the same, byte for byte, however the layers are packed', async () => {
    const bytes = tarOf(
      { path: 'etc/' },
      file('etc/motd', 'x'.repeat(300_000)),
      file('big', 'y'.repeat(2_000_000)),
    )
    const results: Buffer[] = []
    for (const packed of [bytes, gzipped(bytes), Buffer.concat([bytes, Buffer.alloc(10_240)])]) {
      await rm(output, { force: true })
      await squashLayers([layerOf(packed)], output, OPTIONS)
      results.push(await readFile(output))
    }
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
    expect(results[0]!.length % 4096).toBe(0)
    // The time of the root directory would be that of the run.
    const { stdout } = await execa('unsquashfs', ['-lln', output], { env: { TZ: 'UTC' } })
    expect(stdout.split('\n')[0]).toContain('1970-01-01 00:16 squashfs-root')
  })

  it('has the contents of the highest layer, and hard links across layers', async () => {
    await squash([
      [file('a', 'old a'), file('b', 'old b'), link('c', 'b')],
      [file('a', 'new a'), link('d', 'c')],
      [file('b', 'new b')],
    ])
    const contents = await Promise.all(['a', 'b', 'c', 'd'].map((path) => contentIn(output, path)))
    expect(contents).toEqual(['new a', 'new b', 'old b', 'old b'])
  })
})

describe('whiteouts', () => {
  it('take files and directories of lower layers away', async () => {
    expect(
      await paths(
        [file('a'), { path: 'd/' }, file('d/one'), file('d/two'), file('e/deep/er')],
        [file('.wh.a'), file('d/.wh.one'), file('.wh.e'), file('.wh.nothing')],
      ),
    ).toEqual(['d', 'd/two'])
  })

  it('hide nothing of their own layer, in whichever order', async () => {
    expect(await paths([file('a'), file('b')], [file('a'), file('.wh.a'), file('.wh.b'), file('b')])).toEqual(
      ['a', 'b'],
    )
    const lower = [file('d/old'), file('d/sub/old')]
    const opaque = file('d/.wh..wh..opq')
    expect(await paths(lower, [opaque, { path: 'd/' }, file('d/new')])).toEqual(['d', 'd/new'])
    expect(await paths(lower, [{ path: 'd/' }, file('d/sub/new'), opaque])).toEqual([
      'd',
      'd/sub',
      'd/sub/new',
    ])
    expect(await paths(lower, [file('.wh.d'), { path: 'd/' }, file('d/new')])).toEqual(['d', 'd/new'])
  })

  it('let a file become a directory and back', async () => {
    expect(await paths([file('a'), file('b/c')], [{ path: 'a/' }, file('a/x'), file('b')])).toEqual([
      'a',
      'a/x',
      'b',
    ])
  })

  it('pass over the notes of old storage drivers, and mean nothing in a plain archive', async () => {
    expect(
      await paths([file('.wh..wh.aufs'), { path: '.wh..wh.plnk/' }, file('.wh..wh.plnk/1'), file('a')]),
    ).toEqual(['a'])
    expect(Object.keys(await squash([[file('a'), file('.wh.a')]], { whiteouts: false }))).toContain('.wh.a')
  })
})

describe('paths in an archive', () => {
  it('are taken from the root, whatever they begin with', async () => {
    expect(await paths([file('/abs'), file('./dot'), file('x/../up'), file('//two')])).toEqual([
      'abs',
      'dot',
      'two',
      'up',
    ])
  })

  it('follow symbolic links inside the root, and never out of it', async () => {
    expect(
      await paths(
        [
          { path: 'usr/bin/' },
          symlink('bin', 'usr/bin'),
          symlink('out', '../../../usr'),
          symlink('etc', '/usr/etc'),
        ],
        [file('bin/tool'), file('out/here'), file('etc/conf')],
      ),
    ).toEqual(['bin', 'out', 'usr', 'usr/bin', 'usr/bin/tool', 'usr/etc', 'usr/etc/conf', 'usr/here'])
  })

  it('are refused when they leave the root, with nothing left behind', async () => {
    expect(await refusal([file('../../etc/cron.d/x')])).toMatch(
      /Deserialization: layer 1: .*leads out of the root/,
    )
    expect(await refusal([file('a'), link('b', '../../../etc/shadow')])).toMatch(/leads out of the root/)
    expect(await refusal([file('a'), file('.wh...')])).toMatch(/hides nothing/)
  })

  it('are refused when they cannot be', async () => {
    expect(await refusal([link('a', 'missing')])).toMatch(
      /“a” is a hard link to “missing”, which is not there/,
    )
    expect(await refusal([link('a', 'a')])).toMatch(/which is not there/)
    expect(await refusal([{ path: 'd/' }, link('a', 'd')])).toMatch(/hard link to a directory/)
    expect(await refusal([symlink('a', 'b'), symlink('b', 'a'), file('a/x')])).toMatch(
      /too many symbolic links/,
    )
    expect(await refusal([file('a'), file('a/x')])).toMatch(/below something that is no directory/)
    expect(await refusal([file('x'.repeat(256))])).toMatch(/more than 255 bytes/)
    expect(await refusal([file('.')])).toMatch(/replace the root/)
    expect(await refusal([file('d/'.repeat(600) + 'x')])).toMatch(/lies too deep/)
  })
})

describe('what an image may not bring', () => {
  it('is left out: device nodes and attributes that steer overlays', async () => {
    const steps: string[] = []
    const xattrs = new Map([
      ['trusted.overlay.opaque', 'y'],
      ['user.overlay.redirect', '/'],
      ['user.note', 'hi'],
    ])
    const entries: Made[] = [
      { path: 'dev/sda', type: 'device' },
      link('dev/disk', 'dev/sda'),
      { path: 'd/', xattrs },
      file('d/a'),
    ]
    const listed = await squash([entries], { onStep: (step) => steps.push(step) })
    expect(Object.keys(listed).filter((path) => path.startsWith('dev/'))).toEqual([])
    expect(steps).toEqual([
      expect.stringMatching(/Leaving out 2 device nodes of the image, such as dev\/disk/),
    ])
    const out = join(world, 'out')
    await execa('unsquashfs', ['-quiet', '-no-progress', '-d', out, output])
    expect(await xattrsIn(out, 'd')).toEqual(new Map([['user.note', 'hi']]))
  })

  it('is refused when it is too much', async () => {
    const bomb = gzipped(tarOf(file('zeros', '\0'.repeat(3_000_000))))
    const limits = { unpacked: 2_000_000, entries: 10, metadata: 400_000, layers: 2, layer: 1e9 }
    const tell = (layers: Buffer[]) =>
      squashLayers(
        layers.map((bytes) => layerOf(bytes)),
        output,
        { ...OPTIONS, limits },
      ).then(
        () => 'merged',
        (error: CodedError) => `${error.kind}: ${error.details}`,
      )
    expect(await tell([bomb])).toMatch(/Pack: the layer is larger than the limit of 1 MiB/)
    const million = tarOf(file('half', '\0'.repeat(1_200_000)))
    expect(await tell([million, million])).toMatch(/Pack: the layer/)
    expect(await tell([tarOf(...Array.from({ length: 11 }, (_, i) => file(`${i}`)))])).toMatch(/in 10 files/)
    const attributes = new Map([['user.a', 'x'.repeat(300_000)]])
    const heavy = tarOf({ path: 'a', xattrs: attributes }, { path: 'b', xattrs: attributes })
    expect(await tell([heavy])).toMatch(/too many bytes of names and attributes/)
    expect(await tell([million, million, million])).toMatch(/more than 2 layers/)
    expect(await readdir(world)).toEqual([])
  })

  it('stops when it is told to', async () => {
    const control = new AbortController()
    const layer = {
      what: 'endless',
      open: async function* () {
        yield tarOf(file('a')).subarray(0, 1024)
        control.abort(new CodedError('Cancelled', 'enough'))
        yield tarOf(file('b'))
      },
    }
    await expect(squashLayers([layer], output, { ...OPTIONS, signal: control.signal })).rejects.toThrow(
      'enough',
    )
    expect(await readdir(world)).toEqual([])
  })
})
