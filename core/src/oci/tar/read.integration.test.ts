import { mkdir, mkdtemp, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { link } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chunked, tarOf } from '../test/layers.ts'
import type { TarEntry } from './entry.ts'
import { readTar } from './read.ts'

const LIMITS = { bytes: 2 ** 40, entries: 1000 }
type Seen = TarEntry & { content: Buffer }

async function read(bytes: Buffer, size = 700): Promise<Seen[]> {
  const seen: Seen[] = []
  for await (const { entry, content } of readTar(chunked(bytes, size), 'the archive', LIMITS)) {
    seen.push({ ...entry, content: await buffer(content()) })
  }
  return seen
}

async function refusal(bytes: Buffer): Promise<string> {
  const error = await read(bytes).catch((thrown: unknown) => thrown)
  if (!(error instanceof CodedError)) throw new Error('was read or failed otherwise', { cause: error })
  return `${error.kind}: ${error.details}`
}

let world: string
const gnuTar = async (...args: string[]) => {
  const { stdout } = await execa('tar', ['-C', join(world, 'files'), '--sort=name', '-cf', '-', ...args], {
    encoding: 'buffer',
  })
  return Buffer.from(stdout)
}

const LONG = `${'n'.repeat(120)}/${'m'.repeat(200)}`
beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'tar-test-'))
  const files = join(world, 'files')
  await mkdir(join(files, 'n'.repeat(120)), { recursive: true })
  await writeFile(join(files, 'a'), 'content of a')
  await link(join(files, 'a'), join(files, 'b'))
  await symlink('t'.repeat(150), join(files, 'to'))
  await writeFile(Buffer.concat([Buffer.from(`${files}/caf`), Buffer.from([0xe9])]), '')
  await writeFile(join(files, 'one'), 'x'.repeat(1024))
  const holes = join(files, 'with-holes')
  await using handle = await open(holes, 'w')
  for (let i = 0; i < 30; i++) await handle.write(`data ${i}`, i * 100_000)
  await truncate(holes, 4_000_000)
  await writeFile(join(files, LONG), 'deep')
})
afterAll(() => rm(world, { recursive: true }))

describe('an archive by GNU tar', () => {
  it.each(['gnu', 'posix', 'oldgnu'])('in format %s is read with all that it says', async (format) => {
    const owner = ['--owner=:3000000', '--group=:42', '--mtime=@1234567.5']
    const seen = await read(await gnuTar(`--format=${format}`, ...owner, '.'))
    const by = new Map(seen.map((entry) => [entry.path, entry]))
    expect([...by.keys()].toSorted()).toEqual(
      [
        './',
        './a',
        './b',
        './caf\u00e9',
        `./${'n'.repeat(120)}/`,
        `./${LONG}`,
        './one',
        './to',
        './with-holes',
      ].toSorted(),
    )
    expect(by.get('./a')).toMatchObject({
      type: 'file',
      uid: 3_000_000,
      gid: 42,
      mtime: 1_234_567,
      mode: 0o644,
    })
    expect(by.get('./a')?.content.toString()).toBe('content of a')
    expect(by.get('./b')).toMatchObject({ type: 'link', linkname: './a', size: 0 })
    expect(by.get('./to')).toMatchObject({ type: 'symlink', linkname: 't'.repeat(150) })
    expect(by.get(`./${LONG}`)?.content.toString()).toBe('deep')
    expect(by.get('./one')?.content).toHaveLength(1024)
  })

  it.each(['--format=gnu', '--sparse-version=0.0', '--sparse-version=0.1', '--sparse-version=1.0'])(
    'has its holes filled (%s)',
    async (version) => {
      const format = version.startsWith('--format') ? [version] : ['--format=posix', version]
      const bytes = await gnuTar(...format, '--sparse', 'with-holes')
      expect(bytes.length).toBeLessThan(400_000)
      const [seen] = await read(bytes, 10_000)
      expect(seen).toMatchObject({ path: 'with-holes', size: 4_000_000 })
      expect(seen?.content.equals(await readFile(join(world, 'files/with-holes')))).toBe(true)
    },
  )

  it('in the oldest format is read as well', async () => {
    const seen = await read(await gnuTar('--format=v7', 'a', 'one'))
    expect(seen.map(({ path, size }) => [path, size])).toEqual([
      ['a', 12],
      ['one', 1024],
    ])
  })
})

it('writes archives that GNU tar lists and unpacks', async () => {
  const bytes = tarOf(
    { path: 'd/', mode: 0o1777 },
    { path: `d/${'p'.repeat(200)}`, content: 'long', uid: 9_000_000 },
    { path: 'd/link', type: 'symlink', linkname: 'q'.repeat(300) },
  )
  const { stdout } = await execa('tar', ['-tvf', '-', '--numeric-owner', '--utc'], { input: bytes })
  const [first, second, third] = stdout.split('\n')
  expect(first).toMatch(/^drwxrwxrwt 0\/0 .* 1970-01-01 00:16 d\/$/)
  expect(second).toMatch(/^-rw-r--r-- 9000000\/0 +4 .*p{200}$/)
  expect(third).toMatch(/^lrw.* -> q{300}$/)
})

describe('a damaged archive', () => {
  const whole = tarOf({ path: 'a', content: 'x'.repeat(2000) }, { path: 'b', content: 'y' })

  it('is refused where it is cut off', async () => {
    for (const length of [100, 700, 2600, 3000]) {
      expect(await refusal(whole.subarray(0, length))).toMatch(
        /Deserialization: the archive is cut off after \d+ bytes/,
      )
    }
    // Some archivers leave out the end mark.
    expect(await read(whole.subarray(0, 3584 + 512))).toHaveLength(2)
  })

  it('is refused when a header was changed', async () => {
    const changed = Buffer.from(whole)
    changed[3]! ^= 1
    expect(await refusal(changed)).toMatch(/not a valid tar archive: a header has a wrong checksum/)
    expect(await refusal(Buffer.from('this is no archive at all'.repeat(100)))).toMatch(
      /not a valid tar archive/,
    )
    const after = Buffer.concat([whole.subarray(0, -512), whole])
    expect(await refusal(after)).toMatch(/entries after its end mark/)
  })

  it('is refused when its numbers make no sense', async () => {
    const fixed = (change: (header: Buffer) => void) => {
      const header = Buffer.from(whole.subarray(0, 512))
      change(header)
      header.fill(' ', 148, 156)
      header.write(
        `${header
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, '0')}\0 `,
        148,
      )
      return Buffer.concat([header, whole.subarray(512)])
    }
    expect(await refusal(fixed((header) => header.fill(0xff, 124, 136)))).toMatch(/negative size/)
    expect(await refusal(fixed((header) => header.fill(0x9f, 124, 136)))).toMatch(/size beyond all measure/)
    expect(await refusal(fixed((header) => header.write('99999999', 124)))).toMatch(/no readable size/)
    expect(await refusal(fixed((header) => header.write('!', 156)))).toMatch(/unknown type “!”/)
    expect(await refusal(fixed((header) => header.write('x', 156)))).toMatch(
      /extended header is not readable/,
    )
    const huge = fixed((header) => Buffer.from('8000000000000fffffffffff', 'hex').copy(header, 124))
    expect(await refusal(huge)).toMatch(/Pack: the archive is larger than the limit/)
  })

  it('is refused when its holes contradict themselves', async () => {
    const sparse = await gnuTar('--format=gnu', '--sparse', 'with-holes')
    const grown = Buffer.from(sparse)
    grown.write('00000000001\0', 483, 'latin1')
    grown.fill(' ', 148, 156)
    const sum = grown.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    grown.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    expect(await refusal(grown)).toMatch(/contradicts itself/)
  })
})
