import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPatch, PatchDb, type JsonObject, type JsonValue, type Revision } from '../src/index.ts'
import { json, key } from './arbitrary.ts'
import { temporaryDirectory } from './temporary.ts'

type Step = { readonly act: number; readonly key: string; readonly value: JsonValue; readonly wait: boolean }
type Document = { [key: string]: JsonValue }

const steps = fc.array(fc.record({ act: fc.nat(6), key, value: json, wait: fc.boolean() }), { maxLength: 12 })

/** What a step does to a plain object; false if it must fail and change nothing. */
function perform(document: Document, { act, key: name, value }: Step): boolean {
  if (act === 0 && !Object.hasOwn(document, name)) return false
  if (act === 0) delete document[name]
  else if (act < 5) document[name] = structuredClone(value)
  return act < 5
}

function start(db: PatchDb<Document>, step: Step): Promise<Revision | null> {
  const path = `/${step.key.replaceAll('~', '~0').replaceAll('/', '~1')}`
  switch (step.act) {
    case 0:
      return db.apply([{ op: 'remove', path }])
    case 1:
      return db.put(path, step.value)
    case 2:
      return db.apply([{ op: 'add', path, value: step.value }], { durable: false })
    case 5:
      return db.mutate((draft) => {
        draft[step.key] = step.value
        throw new RangeError('no')
      }) as Promise<never>
    case 6:
      return db.apply([
        { op: 'add', path, value: step.value },
        { op: 'remove', path: '/not/there' },
      ])
    default:
      return db.mutate((draft) => perform(draft, step)).then(({ revision }) => revision)
  }
}

describe('a store under any sequence of changes', () => {
  it('is what they leave of a plain object, tells every revision, and is the same after a restart', async () => {
    const directory = temporaryDirectory()
    let files = 0
    await fc.assert(
      fc.asyncProperty(steps, async (todo) => {
        const path = join(directory, `${files++}.db`)
        const plain: Document = {}
        const revisions: Revision[] = []
        const db = await PatchDb.open<Document>(path, { initial: {} })
        try {
          const running = todo.map((step) => {
            const works = perform(plain, step)
            return { works, change: start(db, step) }
          })
          const outcomes = await Promise.allSettled(running.map(({ change }) => change))
          for (const [i, outcome] of outcomes.entries()) {
            expect(outcome.status).toBe(running[i]?.works === true ? 'fulfilled' : 'rejected')
            if (outcome.status === 'fulfilled' && outcome.value !== null) revisions.push(outcome.value)
          }
          expect(db.peek()).toEqual(plain)
          expect(db.sequence).toBe(revisions.length)
        } finally {
          await db.close()
        }
        expect(revisions.map(({ id }) => id)).toEqual(revisions.map((_, i) => i + 1))
        const replayed = revisions.reduce<JsonValue>((at, { patch }) => applyPatch(at, patch).value, {})
        expect(replayed).toEqual(plain)
        await using again = await PatchDb.open<JsonObject>(path)
        expect(again.peek()).toEqual(plain)
        expect(again.sequence).toBe(revisions.length)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps keys whose last character takes several bytes, in pointers too', async () => {
    const path = join(temporaryDirectory(), 'keys.db')
    const keys = ['é', 'naïve', 'сервер', '日本', '😀', 'a/é', '~é', 'e\u0301']
    {
      await using db = await PatchDb.open<{ [key: string]: { n: number } }>(path, { initial: {} })
      for (const name of keys) await db.mutate((draft) => void (draft[name] = { n: 0 }))
      for (const name of keys) await db.mutate((draft) => void (draft[name] = { n: 1 }))
    }
    await using again = await PatchDb.open(path)
    expect(again.peek()).toEqual(Object.fromEntries(keys.map((name) => [name, { n: 1 }])))
    expect(again.get('/a~1é/n')).toBe(1)
  })

  it('takes names of inherited members as data', async () => {
    await using db = await PatchDb.open<{ [key: string]: { [key: string]: unknown } }>(
      join(temporaryDirectory(), 'names.db'),
      { initial: {} },
    )
    await db.mutate((draft) => {
      expect(draft['constructor']).toBeUndefined()
      expect('toString' in draft).toBe(false)
      draft['constructor'] ??= {}
      ;(draft['constructor'] as { prototype?: object }).prototype = { polluted: 1 }
    })
    await db.put('/toString', { valueOf: 1 })
    await db.apply([{ op: 'add', path: '/constructor/name', value: 'x' }])
    expect(db.peek()).toEqual({
      constructor: { prototype: { polluted: 1 }, name: 'x' },
      toString: { valueOf: 1 },
    })
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect(Object.name).toBe('Object')
  })
})

describe('the bounds of a store', () => {
  it('hold for a revision and for the document, which may always shrink', async () => {
    const path = join(temporaryDirectory(), 'bounds.db')
    const sizes = { revisionBytes: 2_000, documentBytes: 5_000 }
    const tooLarge = expect.objectContaining({ code: 'TooLarge' }) as unknown
    await expect(PatchDb.open(path, { initial: 'x'.repeat(5_001), sizes })).rejects.toEqual(tooLarge)
    {
      await using db = await PatchDb.open<{ [key: string]: string }>(path, { initial: {}, sizes })
      await expect(db.put('/a', 'é'.repeat(1_000))).rejects.toEqual(tooLarge)
      for (const name of ['a', 'b', 'c']) await db.put(`/${name}`, 'x'.repeat(1_600))
      await expect(db.put('/d', 'x'.repeat(1_600))).rejects.toEqual(tooLarge)
      expect(db.sequence).toBe(3)
      for (let i = 0; i < 20; i++) await db.put('/a', `${i}`.repeat(700))
      expect(db.keys('')).toEqual(['a', 'b', 'c'])
    }
    await using db = await PatchDb.open<{ [key: string]: string }>(path, { sizes: { documentBytes: 100 } })
    await expect(db.put('/d', 'x')).rejects.toEqual(tooLarge)
    await db.apply([{ op: 'remove', path: '/a' }])
    await db.put('/b', 'x')
    expect(db.keys('')).toEqual(['b', 'c'])
  })
})
