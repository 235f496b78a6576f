import type { RuntimeMethod, RuntimeParams } from '@startd/base/runtime-rpc.ts'
import { RequestError } from './errors.ts'

type Fields = Record<string, (value: unknown) => boolean>

const isText = (limit: number) => (value: unknown) => typeof value === 'string' && value.length <= limit
const isNullOr = (check: (value: unknown) => boolean) => (value: unknown) => value === null || check(value)
const isAnything = (): boolean => true
const eventId = isText(256)

const execute: Fields = {
  id: eventId,
  procedure: isText(1024),
  input: isAnything,
  timeout: (value) => value == null || (typeof value === 'number' && value >= 0),
}

/**
 * The parameters of each method, checked without the contract's schema library, which would cost every
 * container 25 ms and 9 MB. A test holds these checks to the contract.
 */
const FIELDS: Record<RuntimeMethod, Fields> = {
  init: { id: eventId, kind: isNullOr((kind) => ['install', 'update', 'restore'].includes(String(kind))) },
  start: {},
  stop: {},
  exit: { id: eventId, target: isNullOr(isText(4096)) },
  execute,
  sandbox: execute,
  callback: { id: (id) => Number.isSafeInteger(id) && Number(id) >= 0, args: Array.isArray },
}

export const METHODS = Object.keys(FIELDS) as RuntimeMethod[]

/** The parameters of a request, or an error that names the field that does not fit. */
export function checkParams<M extends RuntimeMethod>(method: M, params: unknown): RuntimeParams<M> {
  if (params === null || typeof params !== 'object' || Array.isArray(params)) {
    throw new RequestError(`${method}: params must be an object`)
  }
  const given: Record<string, unknown> = { ...params }
  for (const [name, fits] of Object.entries(FIELDS[method])) {
    if (!fits(given[name]))
      throw new RequestError(`${method}: the parameter ${name} is missing or does not fit`)
  }
  return given as RuntimeParams<M>
}
