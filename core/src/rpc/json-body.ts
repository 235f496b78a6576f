import { ProtocolError } from './errors.ts'

/** Deeper values than any method needs; bounds every recursion behind the dispatcher. */
export const MAX_JSON_DEPTH = 256

/** Reads a request body; throws a parse error for bad UTF-8, bad JSON or too much nesting. */
export function parseJsonBody(body: Uint8Array): unknown {
  let value: unknown
  try {
    value = JSON.parse(UTF8.decode(body))
  } catch (error) {
    throw new ProtocolError('parse', error instanceof Error ? error.message : String(error))
  }
  if (isDeeperThan(value, MAX_JSON_DEPTH)) {
    throw new ProtocolError('parse', `more than ${MAX_JSON_DEPTH} levels of nesting`)
  }
  return value
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** Level by level instead of by recursion, so that no input can exhaust the stack. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level = [value].filter(isContainer)
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= limit) return true
    const below: object[] = []
    for (const container of level) {
      for (const child of Object.values(container) as unknown[]) if (isContainer(child)) below.push(child)
    }
    level = below
  }
  return false
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
