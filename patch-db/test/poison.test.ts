import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MAX_DEPTH, PatchDb, type Patch, type PatchDbErrorCode } from '../src/index.ts'
import { temporaryFile } from './temporary.ts'

type Anything = { a: { [key: string]: unknown }; list: unknown[]; text: string }
const document = (): Anything => ({ a: { x: 1 }, list: [{ n: 1 }, 2], text: 'scalar' })

/** A store that must be as it was when the test ends: its value, its sequence, and every byte of its file. */
async function untouched(): Promise<PatchDb<Anything>> {
  const path = temporaryFile()
  const db = await PatchDb.open<Anything>(path, { initial: document() })
  const [before, bytes] = [db.peek(), readFileSync(path)]
  onTestFinished(async () => {
    expect(db.peek()).toBe(before)
    expect(db.sequence).toBe(0)
    expect(readFileSync(path).equals(bytes)).toBe(true)
    await db.close()
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
  return db
}

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value }
  return value
}

/** Forty small arrays that stand for a million million values. */
function bomb(): unknown {
  let value: unknown[] = ['x']
  for (let i = 0; i < 40; i++) value = [value, value]
  return value
}

function cycle(): unknown {
  const value: { [key: string]: unknown } = {}
  value['self'] = [value]
  return value
}

class Point {
  x = 1
}

const values: [string, unknown, PatchDbErrorCode][] = [
  ['NaN', NaN, 'InvalidValue'],
  ['Infinity', -Infinity, 'InvalidValue'],
  ['a bigint', 1n, 'InvalidValue'],
  ['a function', () => 1, 'InvalidValue'],
  ['a symbol', Symbol('x'), 'InvalidValue'],
  ['a symbol as a key', { [Symbol('x')]: 1 }, 'InvalidValue'],
  ['a member that is undefined', { x: undefined }, 'InvalidValue'],
  ['an element that is undefined', [undefined], 'InvalidValue'],
  ['a date', new Date(0), 'InvalidValue'],
  ['a map', new Map([['a', 1]]), 'InvalidValue'],
  ['bytes', new Uint8Array(3), 'InvalidValue'],
  ['a boxed string', Object('x'), 'InvalidValue'],
  ['an instance of a class', new Point(), 'InvalidValue'],
  ['an array with holes', Array.from({ length: 2 }).concat(new Array(2)), 'InvalidValue'],
  ['an array of four thousand million holes', new Array(2 ** 32 - 1), 'TooLarge'],
  ['a cycle', cycle(), 'InvalidValue'],
  ['nesting that is too deep', nested(MAX_DEPTH + 1), 'InvalidValue'],
  ['nesting that overflows the stack', nested(100_000), 'InvalidValue'],
  ['a few objects that unfold to millions', bomb(), 'TooLarge'],
  ['a text larger than a revision', 'x'.repeat(17 * 1024 * 1024), 'TooLarge'],
  ['half of a surrogate pair', 'a\ud800', 'InvalidValue'],
  ['half of a surrogate pair in a key', { '\udc00': 1 }, 'InvalidValue'],
  ['__proto__ as a key', JSON.parse('{"__proto__":{"polluted":1}}'), 'InvalidValue'],
]

describe('a poisoned value is refused, and the store stays as it was', () => {
  it.each(values)('%s', async (_, value, code) => {
    const db = await untouched()
    await expect(db.mutate((draft) => void (draft.a['x'] = value))).rejects.toMatchObject({ code })
    await expect(db.mutate((draft) => void draft.list.push({ deep: value }))).rejects.toMatchObject({ code })
    await expect(db.put('/a/x', value)).rejects.toMatchObject({ code })
    const patch: Patch = [
      { op: 'add', path: '/a/sound', value: 1 },
      { op: 'add', path: '/list/-', value },
    ]
    await expect(db.apply(patch)).rejects.toMatchObject({ code })
  })

  it('undefined, and an operation without a value', async () => {
    const db = await untouched()
    await expect(db.mutate((draft) => void (draft.a['x'] = undefined))).rejects.toMatchObject({
      code: 'InvalidValue',
    })
    await expect(db.put('/a', undefined)).rejects.toMatchObject({ code: 'InvalidValue' })
    await expect(db.apply([{ op: 'add', path: '/b', value: undefined }])).rejects.toMatchObject({
      code: 'InvalidPatch',
    })
  })
})

describe('a poisoned write to a draft is refused, and the store stays as it was', () => {
  it.each<[string, (draft: Anything) => unknown]>([
    ['__proto__', (draft) => (draft.a['__proto__'] = { polluted: 1 })],
    ['half of a surrogate pair as a key', (draft) => (draft.a['\ud800'] = 1)],
    ['the whole draft inside itself', (draft) => (draft.a['x'] = draft)],
    ['a parent inside its child', (draft) => draft.list.push(draft.list)],
    ['a hole by length', (draft) => (draft.list.length = 9)],
    ['a hole by index', (draft) => (draft.list[9] = 1)],
    ['a hole by deletion', (draft) => delete draft.list[0]],
    ['an index beyond all arrays', (draft) => (draft.list[2 ** 40] = 1)],
    ['a negative length', (draft) => (draft.list.length = -1)],
    ['a member of an array', (draft) => Object.assign(draft.list, { name: 1 })],
    ['a getter', (draft) => Object.defineProperty(draft.a, 'x', { get: () => 1 })],
    ['another prototype', (draft) => Object.setPrototypeOf(draft.a, { polluted: 1 })],
    ['an end to all writing', (draft) => Object.freeze(draft.a)],
  ])('%s', async (_, write) => {
    const db = await untouched()
    await expect(
      db.mutate((draft) => {
        draft.text = 'rolled back'
        write(draft)
      }),
    ).rejects.toMatchObject({ code: 'InvalidValue' })
  })

  it('a part of the document at a thousand places', async () => {
    const db = await untouched()
    await expect(
      db.mutate((draft) => {
        draft.a['big'] = 'x'.repeat(1024 * 1024)
        draft.list = Array.from({ length: 1000 }, () => draft.a)
      }),
    ).rejects.toMatchObject({ code: 'TooLarge' })
  })

  it('a draft of another store, which may still change', async () => {
    const [db, other] = [await untouched(), await untouched()]
    let inner: Promise<unknown> | undefined
    await other.mutate((foreign) => {
      inner = db.mutate((draft) => void (draft.a['x'] = foreign.list[0]))
      inner.catch(() => undefined)
    })
    await expect(inner).rejects.toMatchObject({ code: 'InvalidValue' })
  })

  it('a change inside a change, which the outer one would undo', async () => {
    const db = await untouched()
    const inner: Promise<unknown>[] = []
    await db.mutate(() => {
      inner.push(db.mutate((draft) => void (draft.text = 'inner')))
      inner.push(db.put('/text', 'inner'), db.apply([{ op: 'remove', path: '/text' }]))
    })
    for (const result of await Promise.allSettled(inner))
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'NestedMutate' } })
  })
})

describe('a poisoned patch is refused, and the store stays as it was', () => {
  it.each<[string, unknown, PatchDbErrorCode]>([
    ['no array', { op: 'add', path: '/a', value: 1 }, 'InvalidPatch'],
    ['null', null, 'InvalidPatch'],
    ['an operation that is null', [null], 'InvalidPatch'],
    ['an operation without a path', [{ op: 'remove' }], 'InvalidPatch'],
    ['a path that is a number', [{ op: 'remove', path: 1 }], 'InvalidPatch'],
    ['an unknown operation', [{ op: 'merge', path: '/a', value: 1 }], 'InvalidPatch'],
    ['a pointer without a slash', [{ op: 'remove', path: 'a' }], 'InvalidPointer'],
    ['a bad escape', [{ op: 'remove', path: '/a~2' }], 'InvalidPointer'],
    ['half of a surrogate pair', [{ op: 'add', path: '/a/\udfff', value: 1 }], 'InvalidPointer'],
    ['__proto__', [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }], 'InvalidPointer'],
    ['something below __proto__', [{ op: 'add', path: '/a/__proto__/polluted', value: 1 }], 'InvalidPointer'],
    [
      'the prototype of a constructor',
      [{ op: 'add', path: '/a/constructor/prototype/polluted', value: 1 }],
      'PatchDoesNotFit',
    ],
    ['a member of a prototype', [{ op: 'remove', path: '/a/hasOwnProperty' }], 'PatchDoesNotFit'],
    ['a path through a scalar', [{ op: 'add', path: '/text/x', value: 1 }], 'PatchDoesNotFit'],
    ['a path through null', [{ op: 'add', path: '/a/x/y/z', value: 1 }], 'PatchDoesNotFit'],
    ['the length of an array', [{ op: 'replace', path: '/list/length', value: 0 }], 'PatchDoesNotFit'],
    ['an index beyond the end', [{ op: 'add', path: '/list/3', value: 1 }], 'PatchDoesNotFit'],
    ['removal of the root', [{ op: 'remove', path: '' }], 'PatchDoesNotFit'],
    [
      'a last operation that does not fit',
      [
        { op: 'add', path: '/a/y', value: 1 },
        { op: 'remove', path: '/a/z' },
      ],
      'PatchDoesNotFit',
    ],
    [
      'more operations than a revision holds',
      Array.from({ length: 600_000 }, (_, i) => ({ op: 'add', path: `/a/${i}`, value: i })),
      'TooLarge',
    ],
  ])('%s', async (_, patch, code) => {
    const db = await untouched()
    await expect(db.apply(patch as Patch)).rejects.toMatchObject({ code })
  })
})
