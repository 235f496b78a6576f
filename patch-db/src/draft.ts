import { adopt, checkText } from './adopt.ts'
import { arrayReaders } from './array-readers.ts'
import { PatchDbError } from './errors.ts'
import { FORBIDDEN_KEY, isContainer, type JsonArray, type JsonObject, type JsonValue } from './json.ts'
import { arrayIndex } from './pointer.ts'

/** Marks a member as removed in `ObjectNode.over`. */
export const REMOVED: unique symbol = Symbol('removed')
const NODE = Symbol('node')
const LONGEST_ARRAY = 2 ** 32 - 1

/** One mutation's life: its drafts refuse all use once it has ended. */
export type Scope = { open: boolean }

type NodeOf<C> = {
  readonly base: C
  readonly depth: number
  readonly scope: Scope
  readonly parent: DraftNode | undefined
  /** Something at or below this node was written. */
  written: boolean
  finishing: boolean
  finished: JsonValue | undefined
}

/** Writes to an object lie over its base, so that wide objects are copied once and only if they changed. */
export type ObjectNode = NodeOf<JsonObject> & {
  readonly kind: 'object'
  over: Map<string, unknown> | undefined
}
export type ArrayNode = NodeOf<JsonArray> & { readonly kind: 'array'; copy: unknown[] | undefined }
export type DraftNode = ObjectNode | ArrayNode

/** The draft behind a proxy, or undefined for anything else. */
export function draftNode(value: unknown): DraftNode | undefined {
  return isContainer(value) ? ((value as { [NODE]?: DraftNode })[NODE] ?? undefined) : undefined
}

/** A writable stand-in for an immutable container; reads go through, writes are kept aside in its node. */
export function createDraft(
  base: JsonObject | JsonArray,
  scope: Scope,
  parent: DraftNode | undefined,
): JsonObject | JsonArray {
  const depth = parent === undefined ? 0 : parent.depth + 1
  if (Array.isArray(base)) {
    const node: ArrayNode = {
      kind: 'array',
      base,
      depth,
      scope,
      parent,
      copy: undefined,
      written: false,
      finishing: false,
      finished: undefined,
    }
    return new Proxy([node] as unknown as ArrayTarget, arrayTraps) as unknown as JsonArray
  }
  const node: ObjectNode = {
    kind: 'object',
    base,
    depth,
    scope,
    parent,
    over: undefined,
    written: false,
    finishing: false,
    finished: undefined,
  }
  return new Proxy(node, objectTraps) as unknown as JsonObject
}

type ArrayTarget = [ArrayNode]

/** A missing member reads as undefined whatever its name: `constructor` is data here and leads to no prototype. */
const objectTraps: ProxyHandler<ObjectNode> = {
  get(node, key) {
    if (typeof key === 'symbol') return key === NODE ? node : undefined
    assertOpen(node)
    const written = node.over?.get(key)
    if (written !== undefined) return readOver(node, key, written)
    const value: unknown = node.base[key]
    if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value
    return key === FORBIDDEN_KEY ? undefined : draftMember(node, key, value as JsonObject | JsonArray)
  },
  set(node, key, value) {
    assertOpen(node)
    if (typeof key === 'symbol') throw new PatchDbError('InvalidValue', 'a symbol as a key')
    if (key === FORBIDDEN_KEY) throw new PatchDbError('InvalidValue', `the key ${FORBIDDEN_KEY}`)
    assertStorable(value, key)
    overOf(node).set(checkText(key), value)
    markWritten(node)
    return true
  },
  deleteProperty(node, key) {
    assertOpen(node)
    if (typeof key === 'symbol' || !hasKey(node, key)) return true
    overOf(node).set(key, REMOVED)
    markWritten(node)
    return true
  },
  has(node, key) {
    assertOpen(node)
    return typeof key === 'string' && hasKey(node, key)
  },
  ownKeys(node) {
    assertOpen(node)
    const keys = Object.keys(node.base)
    if (node.over === undefined || !node.written) return keys
    const { over } = node
    const left = keys.filter((key) => over.get(key) !== REMOVED)
    for (const [key, value] of over) if (value !== REMOVED && !Object.hasOwn(node.base, key)) left.push(key)
    return left
  },
  getOwnPropertyDescriptor(node, key) {
    assertOpen(node)
    if (typeof key === 'symbol' || !hasKey(node, key)) return undefined
    const value: unknown = objectTraps.get?.(node, key, node)
    return { value, writable: true, enumerable: true, configurable: true }
  },
  getPrototypeOf: () => Object.prototype,
  setPrototypeOf: refuse,
  defineProperty: refuse,
  preventExtensions: refuse,
}

const arrayTraps: ProxyHandler<ArrayTarget> = {
  get([node], key) {
    if (key === NODE) return node
    assertOpen(node)
    const reader = ARRAY_READERS.get(key)
    if (reader !== undefined) return reader
    const list: unknown[] = node.copy ?? node.base
    const value = (list as unknown as { [key: string | symbol]: unknown })[key]
    if (typeof value !== 'object' || value === null || typeof key === 'symbol') return value
    if (!Object.isFrozen(value)) return key === FORBIDDEN_KEY ? undefined : value
    return draftElement(node, Number(key), value as JsonObject | JsonArray)
  },
  set([node], key, value) {
    assertOpen(node)
    if (key === 'length') {
      if (arrayIndex(value as number) < 0 || value > LONGEST_ARRAY)
        throw badIndex(`a length of ${String(value)}`)
      writableCopy(node).length = value as number
    } else {
      const index = typeof key === 'string' ? arrayIndex(key) : -1
      if (index < 0 || index >= LONGEST_ARRAY) throw badIndex(`${String(key)} as an array index`)
      assertStorable(value, String(key))
      writableCopy(node)[index] = value
    }
    markWritten(node)
    return true
  },
  deleteProperty([node], key) {
    assertOpen(node)
    Reflect.deleteProperty(writableCopy(node), key)
    markWritten(node)
    return true
  },
  has([node], key) {
    assertOpen(node)
    return Reflect.has(node.copy ?? node.base, key)
  },
  ownKeys([node]) {
    assertOpen(node)
    return Reflect.ownKeys(node.copy ?? node.base)
  },
  getOwnPropertyDescriptor(target, key) {
    const [node] = target
    assertOpen(node)
    const list = node.copy ?? node.base
    if (!Object.hasOwn(list, key)) return undefined
    if (key === 'length')
      return { value: list.length, writable: true, enumerable: false, configurable: false }
    const value: unknown = arrayTraps.get?.(target, key, target)
    return { value, writable: true, enumerable: true, configurable: true }
  },
  setPrototypeOf: refuse,
  defineProperty: refuse,
  preventExtensions: refuse,
}

const ARRAY_READERS = arrayReaders(elementsOf)

/** The elements behind an array draft, all of them writable. */
function elementsOf(list: unknown[]): unknown[] {
  const node = draftNode(list)
  if (node?.kind !== 'array') return list
  const copy = writableCopy(node)
  for (let i = 0; i < copy.length; i++) {
    const value = copy[i]
    if (isContainer(value) && Object.isFrozen(value)) draftElement(node, i, value)
  }
  return copy
}

function draftElement(node: ArrayNode, index: number, value: JsonObject | JsonArray): unknown {
  const own = value === node.base[index] ? value : adoptContainer(value)
  const draft = createDraft(own, node.scope, node)
  writableCopy(node)[index] = draft
  return draft
}

function draftMember(node: ObjectNode, key: string, value: JsonObject | JsonArray): unknown {
  const draft = createDraft(value, node.scope, node)
  overOf(node).set(key, draft)
  return draft
}

/** A frozen value that was assigned comes from a snapshot; it too must be writable inside the mutation. */
function readOver(node: ObjectNode, key: string, value: unknown): unknown {
  if (value === REMOVED) return undefined
  if (!isContainer(value) || !Object.isFrozen(value)) return value
  return draftMember(node, key, adoptContainer(value))
}

function adoptContainer(value: object): JsonObject | JsonArray {
  return adopt(value) as JsonObject | JsonArray
}

function overOf(node: ObjectNode): Map<string, unknown> {
  node.over ??= new Map()
  return node.over
}

function hasKey(node: ObjectNode, key: string): boolean {
  const written = node.over?.get(key)
  return written === undefined ? Object.hasOwn(node.base, key) : written !== REMOVED
}

function writableCopy(node: ArrayNode): unknown[] {
  if (node.copy === undefined) {
    // Several times faster than slice(), which is slow on frozen arrays.
    node.copy = []
    for (const element of node.base) node.copy.push(element)
  }
  return node.copy
}

function markWritten(node: DraftNode): void {
  for (let at: DraftNode | undefined = node; at !== undefined && !at.written; at = at.parent)
    at.written = true
}

function assertOpen(node: DraftNode): void {
  if (!node.scope.open) throw new PatchDbError('DraftEnded', 'its mutation is over')
}

/** Says at once, where the mistake is made, what would be refused at the end of the mutation. */
function assertStorable(value: unknown, key: string): void {
  const type = typeof value
  if (type === 'object' || type === 'string' || type === 'boolean') return
  if (type === 'number' && Number.isFinite(value)) return
  throw new PatchDbError('InvalidValue', `${type === 'number' ? String(value) : type} at "${key}"`)
}

function badIndex(what: string): PatchDbError {
  return new PatchDbError('InvalidValue', what)
}

function refuse(): never {
  throw new PatchDbError('InvalidValue', 'property definitions other than plain assignment')
}
