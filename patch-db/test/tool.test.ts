import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Encoder } from 'cbor-x'
import { afterAll, describe, expect, it } from 'vitest'
import { PatchDb } from '../src/index.ts'
import { layout1 } from './layout-1-writer.ts'
import { smallLog } from './small-log.ts'
import { temporaryDirectory, temporaryFile } from './temporary.ts'

const PROGRAM = join(import.meta.dirname, '..', 'bin', 'patch-db.ts')
const COMPILED = mkdtempSync(join(tmpdir(), 'patch-db-'))
afterAll(() => rmSync(COMPILED, { recursive: true }))

type Outcome = { status: number; out: string; err: string }

async function patchDb(args: string[], input = ''): Promise<Outcome> {
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILED }
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'pipe', env })
  child.stdin.on('error', () => undefined).end(input)
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { status: status as number, out, err }
}

/** A sound, closed file in a directory of its own. */
async function soundFile(): Promise<{ path: string; bytes: Buffer }> {
  const { sealed, path } = await smallLog()
  writeFileSync(path, sealed)
  return { path, bytes: sealed }
}

describe('patch-db', () => {
  it('explains itself, and what it did not understand', async () => {
    const help = await patchDb(['--help'])
    expect(help).toMatchObject({ status: 0, err: '' })
    for (const command of ['dump', 'load', 'verify', 'compact', 'rescue', 'import'])
      expect(help.out).toContain(`patch-db ${command} `)
    expect((await patchDb([])).err).toMatch(/^Which command\?/)
    expect(await patchDb(['melt', 'x'])).toMatchObject({
      status: 2,
      err: expect.stringMatching(/no command “melt”/) as unknown,
    })
    expect((await patchDb(['import', 'x'])).err).toContain('patch-db import STARTOS-FILE NEW-FILE')
    expect((await patchDb(['dump', '--fast', 'x'])).status).toBe(2)
  })

  it('dumps and verifies without touching the file or its directory', async () => {
    const { path, bytes } = await soundFile()
    const dumped = await patchDb(['dump', path])
    expect(JSON.parse(dumped.out)).toEqual({ n: 3, text: 'three' })
    const verified = await patchDb(['verify', path])
    expect(verified).toMatchObject({ status: 0, err: '' })
    expect(verified.out).toMatch(/up to revision 3; sealed/)
    expect(readdirSync(dirname(path))).toEqual(['copy.db'])
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('dumps and verifies while a program uses the file; load and compact say who is in the way', async () => {
    const path = temporaryFile()
    await using db = await PatchDb.open(path, { initial: { n: 0 } })
    await db.put('/n', 1)
    expect(JSON.parse((await patchDb(['dump', path])).out)).toEqual({ n: 1 })
    expect((await patchDb(['verify', path])).status).toBe(0)
    for (const args of [
      ['compact', path],
      ['load', path],
    ])
      expect(await patchDb(args, '{}')).toMatchObject({
        status: 1,
        err: expect.stringMatching(/open elsewhere[^]*Stop the program/) as unknown,
      })
    expect((await db.put('/n', 2))?.id).toBe(2)
  })

  it('loads what it dumped, into a new file and into an old one', async () => {
    const { path } = await soundFile()
    const json = (await patchDb(['dump', path])).out
    const fresh = temporaryFile()
    expect(await patchDb(['load', fresh], json)).toMatchObject({
      status: 0,
      out: expect.stringMatching(/made at revision 0/) as unknown,
    })
    expect((await patchDb(['dump', fresh])).out).toBe(json)
    expect((await patchDb(['load', path], json)).out).toMatch(/already; it stays at revision 3/)
    expect((await patchDb(['load', path], '{"n":4}')).out).toMatch(/now, at revision 4/)
    expect(await patchDb(['load', path], '{"n":')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/standard input is not JSON/) as unknown,
    })
    expect((await patchDb(['load', path], '{"__proto__":1}')).status).toBe(1)
    expect(JSON.parse((await patchDb(['dump', path])).out)).toEqual({ n: 4 })
  })

  it('says where a file is damaged, and rescues what stands before', async () => {
    const { path, bytes } = await soundFile()
    const { starts } = await smallLog()
    const damaged = Buffer.from(bytes)
    const at = (starts[1] ?? 0) + 25
    damaged[at] = (damaged[at] ?? 0) ^ 1
    writeFileSync(path, damaged)
    const verified = await patchDb(['verify', path])
    expect(verified.status).toBe(1)
    expect(verified.out).toContain(`damaged at byte ${starts[1]}`)
    expect(verified.out).toContain('sound up to revision 1')
    expect(verified.out).toContain(`follows at byte ${starts[2]}`)
    expect(await patchDb(['dump', path])).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringMatching(/patch-db rescue/) as unknown,
    })
    const saved = join(dirname(path), 'saved.db')
    expect((await patchDb(['rescue', path, saved])).out).toMatch(/document of revision 1/)
    expect(JSON.parse((await patchDb(['dump', saved])).out)).toEqual({ n: 1, text: 'one' })
    expect(await patchDb(['rescue', path, saved])).toMatchObject({
      status: 1,
      err: expect.stringMatching(/There is a file already/) as unknown,
    })
    expect(readFileSync(path).equals(damaged)).toBe(true)
  })

  it('tells an unfinished record, and leaves it to the next program', async () => {
    const { path, bytes: sealed } = await soundFile()
    const { bytes } = await smallLog()
    writeFileSync(path, sealed.subarray(0, bytes.length - 3))
    expect(await patchDb(['verify', path])).toMatchObject({
      status: 3,
      out: expect.stringMatching(/beginning of a record/) as unknown,
    })
    const dumped = await patchDb(['dump', path])
    expect(JSON.parse(dumped.out)).toEqual({ n: 2, text: 'two' })
    expect(dumped.err).toMatch(/after revision 2 are no whole record/)
    const compacted = await patchDb(['compact', path])
    expect(compacted).toMatchObject({
      status: 0,
      out: expect.stringMatching(/at revision 2/) as unknown,
      err: expect.stringMatching(/they are in .*damaged-/),
    })
    expect((await patchDb(['verify', path])).out).toMatch(/snapshot of revision 2 .* 1 records/)
  })

  it('reads files of the first layout without changing them, and says where the copy of one is that it compacts', async () => {
    const path = temporaryFile()
    const put = (id: number) => [{ id, patch: [{ op: 'replace' as const, path: '/n', value: id }] }]
    const { bytes, starts } = layout1({ snapshot: { id: 0, value: { n: 0 } }, records: [1, 2, 3].map(put) })
    writeFileSync(path, bytes)
    expect(JSON.parse((await patchDb(['dump', path])).out)).toEqual({ n: 3 })
    const verified = await patchDb(['verify', path])
    expect(verified.out).toMatch(/3 records .* up to revision 3[^]*older program wrote it, in layout 1/)
    const damaged = Buffer.from(bytes).fill(0, starts[1], (starts[1] ?? 0) + 4)
    const other = join(dirname(path), 'damaged.db')
    writeFileSync(other, damaged)
    const found = await patchDb(['verify', other])
    expect(found.out).toContain('sound up to revision 1')
    expect(found.out).toContain(`follows at byte ${starts[2]}`)
    expect((await patchDb(['rescue', other, `${other}.new`])).out).toMatch(/document of revision 1/)
    expect(readFileSync(path).equals(bytes) && readFileSync(other).equals(damaged)).toBe(true)
    expect((await patchDb(['compact', path])).err).toMatch(/as it was before, it is in .*before-/)
    expect((await patchDb(['verify', path])).out).toMatch(/snapshot of revision 3[^]*; sealed: [^\n]*\n$/)
  })

  it('imports a file of StartOS, and points there for files that are none of ours', async () => {
    const directory = temporaryDirectory()
    const source = join(directory, 'embassy.db')
    const cbor = new Encoder({ useRecords: false })
    const items = [5, { a: 1 }, [{ op: 'remove', path: '/none' }]].map((item) =>
      Buffer.from(cbor.encode(item)),
    )
    writeFileSync(source, Buffer.concat(items))
    expect(await patchDb(['verify', source])).toMatchObject({
      status: 1,
      err: expect.stringMatching(/patch-db import/) as unknown,
    })
    const target = join(directory, 'new.db')
    const imported = await patchDb(['import', source, target])
    expect(imported).toMatchObject({
      status: 0,
      out: expect.stringMatching(/at revision 6/) as unknown,
      err: expect.stringMatching(/1 patches do not fit/),
    })
    expect(existsSync(`${target}.failed`)).toBe(true)
    expect((await patchDb(['verify', join(directory, 'none')])).err).toMatch(/there is no file/)
  })
})
