import { chmod, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FileHelper, z } from '../src/index.ts'
import { HostInMemory } from './kit/effects.ts'

const shape = z.object({ name: z.string().catch('nobody'), tags: z.array(z.string()).catch([]) })

let directory: string
let host: HostInMemory
const path = (name: string) => join(directory, name)
const text = (name: string) => readFile(path(name), 'utf8')

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'files-'))
  host = new HostInMemory()
})
afterEach(async () => {
  host.root.leave()
  await rm(directory, { recursive: true, force: true })
})

describe('the formats', () => {
  const value = { name: 'Ada', tags: ['a', 'b'] }
  it.each([
    ['json', FileHelper.json, '{\n  "name": "Ada",\n  "tags": [\n    "a",\n    "b"\n  ]\n}'],
    ['yaml', FileHelper.yaml, 'name: Ada\ntags:\n  - a\n  - b\n'],
    ['toml', FileHelper.toml, 'name = "Ada"\ntags = [ "a", "b" ]\n'],
    ['ini', FileHelper.ini, 'name=Ada\ntags[]=a\ntags[]=b\n'],
  ] as const)('%s is written and read back', async (name, make, expected) => {
    const file = make(path(`x.${name}`), shape)
    await file.write(host.effects('w'), value)
    expect(await text(`x.${name}`)).toBe(expected)
    expect(await file.read().once()).toEqual(value)
  })

  it('env keeps quotes and leaves comments out', async () => {
    await writeFile(path('x.env'), '# a comment\n  A=1 \nB="two=2"\nnothing\n')
    const file = FileHelper.env(path('x.env'), z.object({ A: z.string(), B: z.string() }))
    expect(await file.read().once()).toEqual({ A: '1', B: '"two=2"' })
    await file.merge(host.effects('w'), { A: '3' })
    expect(await text('x.env')).toBe('A=3\nB="two=2"')
  })

  it('xml is written and read back', async () => {
    const file = FileHelper.xml(path('x.xml'), z.object({ a: z.object({ b: z.string() }) }))
    await file.write(host.effects('w'), { a: { b: 'text' } })
    expect(await text('x.xml')).toBe('<a><b>text</b></a>')
    expect(await file.read().once()).toEqual({ a: { b: 'text' } })
  })

  it('a string is the text itself, and raw is whatever the author says', async () => {
    const page = FileHelper.string(path('page'))
    await page.write(host.effects('w'), 'hello')
    expect(await page.read().once()).toBe('hello')
    const lines = FileHelper.raw<string[]>(
      path('lines'),
      (all) => all.join('\n'),
      (all) => all.split('\n'),
      (all) => all as string[],
    )
    await lines.write(host.effects('w'), ['a', 'b'])
    expect(await lines.read((all) => all.length).once()).toBe(2)
  })

  it('transforms on the way in and out', async () => {
    const file = FileHelper.json(path('t.json'), z.object({ on: z.boolean() }), {
      onRead: (raw) => ({ on: (raw as { on: string }).on === 'yes' }),
      onWrite: (value) => ({ on: (value as { on: boolean }).on ? 'yes' : 'no' }),
    })
    await file.write(host.effects('w'), { on: true })
    expect(await text('t.json')).toBe('{\n  "on": "yes"\n}')
    expect(await file.read().once()).toEqual({ on: true })
  })
})

describe('reading', () => {
  it('answers null for a missing file', async () => {
    expect(await FileHelper.json(path('none'), shape).read().once()).toBeNull()
  })

  it('fills in what the shape catches, and keeps what it does not know', async () => {
    await writeFile(path('x.json'), '{"name": 5, "extra": {"kept": true}}')
    const found = await FileHelper.json(path('x.json'), shape).read().once()
    expect(found).toEqual({ name: 'nobody', tags: [], extra: { kept: true } })
  })

  it('says so when the file cannot be parsed', async () => {
    await writeFile(path('x.json'), '{')
    await expect(FileHelper.json(path('x.json'), shape).read().once()).rejects.toThrow(SyntaxError)
  })
})

describe('writing', () => {
  it('leaves no other file behind, and keeps the mode', async () => {
    await writeFile(path('x.json'), '{}')
    await chmod(path('x.json'), 0o600)
    await FileHelper.json(path('x.json'), shape).write(host.effects('w'), { name: 'A', tags: [] })
    expect(await readdir(directory)).toEqual(['x.json'])
    expect((await stat(path('x.json'))).mode & 0o777).toBe(0o600)
  })

  it('makes the directories above', async () => {
    await FileHelper.string({ base: { subpath: path }, subpath: 'a/b/c' }).write(host.effects('w'), 'x')
    expect(await text('a/b/c')).toBe('x')
  })

  it('refuses a value that does not fit, and keeps the file', async () => {
    const strict = FileHelper.json(path('s.json'), z.object({ port: z.number() }))
    await strict.write(host.effects('w'), { port: 1 })
    await expect(strict.write(host.effects('w'), { port: 'x' as unknown as number })).rejects.toThrow()
    expect(await strict.read().once()).toEqual({ port: 1 })
  })
})

describe('merging', () => {
  it('makes the file from defaults', async () => {
    await FileHelper.json(path('x.json'), shape).merge(host.effects('m'), {})
    expect(JSON.parse(await text('x.json'))).toEqual({ name: 'nobody', tags: [] })
  })

  it('replaces lists, joins objects and removes what is undefined', async () => {
    const file = FileHelper.json(
      path('x.json'),
      z.object({
        list: z.array(z.number()),
        map: z.record(z.string(), z.number()),
        gone: z.string().optional(),
      }),
    )
    await file.write(host.effects('m'), { list: [1, 2], map: { a: 1 }, gone: 'x' })
    await file.merge(host.effects('m'), { list: [3], map: { b: 2 }, gone: undefined })
    expect(JSON.parse(await text('x.json'))).toEqual({ list: [3], map: { a: 1, b: 2 } })
  })

  it('does not touch a file that would stay the same', async () => {
    const file = FileHelper.json(path('x.json'), shape)
    await file.write(host.effects('m'), { name: 'A', tags: [] })
    const before = await stat(path('x.json'))
    await file.merge(host.effects('m'), { name: 'A' })
    expect((await stat(path('x.json'))).ino).toBe(before.ino)
  })

  it('loses no change when many come at once', async () => {
    const file = FileHelper.json(
      path('x.json'),
      z.object({ counts: z.record(z.string(), z.number()).catch({}) }),
    )
    const effects = host.effects('m')
    await Promise.all(Array.from({ length: 20 }, (_, i) => file.merge(effects, { counts: { [`k${i}`]: i } })))
    expect(Object.keys((await file.read().once())?.counts ?? {})).toHaveLength(20)
  })
})

describe('a constant read', () => {
  const file = () => FileHelper.json(path('x.json'), shape)

  it.each([
    ['is overwritten', async () => writeFile(path('x.json'), '{"name":"B","tags":[]}')],
    [
      'is replaced by renaming',
      async () => {
        await writeFile(path('new'), '{"name":"B","tags":[]}')
        await rename(path('new'), path('x.json'))
      },
    ],
  ])('runs again when the file %s', async (_, change) => {
    await writeFile(path('x.json'), '{"name":"A","tags":[]}')
    const effects = host.effects('c')
    const again = Promise.withResolvers<void>()
    effects.constRetry = again.resolve
    expect(
      await file()
        .read(({ name }) => name)
        .const(effects),
    ).toBe('A')
    await change()
    await again.promise
  })

  it('runs again when the file appears in a directory that appears', async () => {
    const later = FileHelper.string(path('not/yet/here'))
    const effects = host.effects('c')
    const again = Promise.withResolvers<void>()
    effects.constRetry = again.resolve
    expect(await later.read().const(effects)).toBeNull()
    await later.write(host.effects('w'), 'now')
    await again.promise
  })

  it('does not run again for a part that stays the same', async () => {
    await writeFile(path('x.json'), '{"name":"A","tags":[]}')
    const effects = host.effects('c')
    const retry = vi.fn()
    effects.constRetry = retry
    const seen = Promise.withResolvers<void>()
    await file()
      .read(({ name }) => name)
      .const(effects)
    file()
      .read()
      .onChange(host.effects('o'), (value) => {
        if (value?.tags.length) seen.resolve()
        return { cancel: !!value?.tags.length }
      })
    await writeFile(path('x.json'), '{"name":"A","tags":["new"]}')
    await seen.promise
    expect(retry).not.toHaveBeenCalled()
  })

  it('refuses a change by the script that read it, before anything is written', async () => {
    const helper = file()
    const effects = host.effects('c')
    effects.constRetry = () => {}
    await helper.write(host.effects('w'), { name: 'A', tags: [] })
    await helper.read(({ name }) => name).const(effects)
    await helper.merge(effects, { tags: ['fine'] })
    await expect(helper.merge(effects, { name: 'B' })).rejects.toThrow('Canceled: write after const')
    expect((await helper.read().once())?.name).toBe('A')
    await helper.merge(effects, { name: 'B' }, { allowWriteAfterConst: true })
    expect((await helper.read().once())?.name).toBe('B')
  })
})
