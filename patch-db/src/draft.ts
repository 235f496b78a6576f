import { adopt } from './adopt.ts'
import { PatchDbError } from './errors.ts'
import { FORBIDDEN_KEY, isContainer, type JsonArray, type JsonObject, type JsonValue } from './json.ts'
import { arrayIndex } from './pointer.ts'

/** Marks a member as removed in `ObjectNode.over`. */
export const REMOVED: unique symbol = Symbol('removed')
const NODE = Symbol('node')

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
export type ObjectNode = NodeOf<JsonObject> & { readonly kind: 'object'; over: Map<string, unknown> }
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
  const common = {
    scope,
    parent,
    depth: parent === undefined ? 0 : parent.depth + 1,
    written: false,
    finishing: false,
    finished: undefined,
  }
  if (Array.isArray(base)) {
    const target = [{ ...common, kind: 'array', base, copy: undefined }]
    return new Proxy(target as unknown as ArrayTarget, arrayTraps) as unknown as JsonArray
  }
  const target: ObjectNode = { ...common, kind: 'object', base, over: new Map() }
  return new Proxy(target, objectTraps) as unknown as JsonObject
}

type ArrayTarget = [ArrayNode]

const objectTraps: ProxyHandler<ObjectNode> = {
  get(node, key) {
    if (key === NODE) return node
    assertOpen(node)
    if (typeof key === 'symbol' || key === FORBIDDEN_KEY) return undefined
    if (node.over.has(key)) return readOver(node, key, node.over.get(key))
    if (!Object.hasOwn(node.base, key)) return Reflect.get(Object.prototype, key)
    const value = node.base[key]
    return isContainer(value) ? draftMember(node, key, value) : value
  },
  set(node, key, value) {
    assertOpen(node)
    if (typeof key === 'symbol') throw new PatchDbError('InvalidValue', 'a symbol as a key')
    if (key === FORBIDDEN_KEY) throw new PatchDbError('InvalidValue', `the key ${FORBIDDEN_KEY}`)
    assertStorable(value, key)
    node.over.set(key, value)
    markWritten(node)
    return true
  },
  deleteProperty(node, key) {
    assertOpen(node)
    if (typeof key === 'symbol' || !hasKey(node, key)) return true
    node.over.set(key, REMOVED)
    markWritten(node)
    return true
  },
  has(node, key) {
    assertOpen(node)
    return (typeof key === 'string' && hasKey(node, key)) || Reflect.has(Object.prototype, key)
  },
  ownKeys(node) {
    assertOpen(node)
    const keys = Object.keys(node.base).filter((key) => node.over.get(key) !== REMOVED)
    for (const [key, value] of node.over)
      if (value !== REMOVED && !Object.hasOwn(node.base, key)) keys.push(key)
    return keys
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
    const list: unknown[] = node.copy ?? node.base
    if (typeof key === 'symbol') return Reflect.get(list, key)
    const index = arrayIndex(key)
    if (index < 0) return Reflect.get(list, key)
    const value = list[index]
    if (!isContainer(value) || !Object.isFrozen(value)) return value
    const own = value === node.base[index] ? value : adoptContainer(value)
    const draft = createDraft(own, node.scope, node)
    writableCopy(node)[index] = draft
    return draft
  },
  set([node], key, value) {
    assertOpen(node)
    if (key === 'length') {
      writableCopy(node).length = value as number
    } else {
      const index = typeof key === 'string' ? arrayIndex(key) : -1
      if (index < 0) throw new PatchDbError('InvalidValue', `${String(key)} as an array index`)
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

function draftMember(node: ObjectNode, key: string, value: JsonObject | JsonArray): unknown {
  const draft = createDraft(value, node.scope, node)
  node.over.set(key, draft)
  return draft
}

/** A frozen value that was assigned comes from a snapshot; it too must be writable inside the mutation. */
function readOver(node: ObjectNode, key: string, value: unknown): unknown {
  if (value === REMOVED) return Reflect.get(Object.prototype, key)
  if (!isContainer(value) || draftNode(value) !== undefined || !Object.isFrozen(value)) return value
  return draftMember(node, key, adoptContainer(value))
}

function adoptContainer(value: JsonObject | JsonArray): JsonObject | JsonArray {
  return adopt(value) as JsonObject | JsonArray
}

function hasKey(node: ObjectNode, key: string): boolean {
  return node.over.has(key) ? node.over.get(key) !== REMOVED : Object.hasOwn(node.base, key)
}

function writableCopy(node: ArrayNode): unknown[] {
  node.copy ??= node.base.slice()
  return node.copy
}

function markWritten(node: DraftNode): void {
  for (let at: DraftNode | undefined = node; at !== undefined && !at.written; at = at.parent)
    at.written = true
}

function assertOpen(node: DraftNode): void {
  if (!node.scope.open) throw new PatchDbError('DraftEnded', 'its mutation is over')
}

function assertStorable(value: unknown, key: string): void {
  const type = typeof value
  const storable = type === 'number' ? Number.isFinite(value) : type in { string: 1, boolean: 1, object: 1 }
  if (!storable)
    throw new PatchDbError('InvalidValue', `${type === 'number' ? String(value) : type} at "${key}"`)
}

function refuse(): never {
  throw new PatchDbError('InvalidValue', 'property definitions other than plain assignment')
}
