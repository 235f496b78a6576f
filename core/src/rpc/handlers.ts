import { CONTRACT, type MethodName, type ParsedParams, type Result } from '@startd/base/rpc/contract.ts'
import type { BootContext, MethodDefinition } from '@startd/base/rpc/method.ts'
import type { Call } from './caller.ts'

/** Does the work of one method. Errors that it throws reach the caller. */
export type Handler<M extends MethodName> = (
  params: ParsedParams<M>,
  call: Call,
) => Result<M> | Promise<Result<M>>
export type Handlers = { readonly [M in MethodName]?: Handler<M> }

/** A handler that the dispatcher can call once it has checked the parameters itself. */
export type AnyHandler = (params: unknown, call: Call) => unknown

export interface BoundMethod {
  readonly name: MethodName
  readonly definition: MethodDefinition
  readonly handle: AnyHandler
}

/** The methods of one boot context: names to their declaration and their handler. */
export class MethodTable {
  readonly #methods = new Map<string, BoundMethod>()
  readonly #groups = new Set<string>()

  /** Throws if a method that the contract gives to this context has no handler, or the other way round. */
  constructor(context: BootContext, handlers: Handlers) {
    for (const [key, definition] of Object.entries<MethodDefinition>(CONTRACT)) {
      const name = key as MethodName
      const handle = handlers[name] as AnyHandler | undefined
      if (definition.contexts.includes(context) !== (handle !== undefined)) {
        throw new Error(`${name} is ${handle ? 'not declared for' : 'not handled in'} the context ${context}`)
      }
      if (handle === undefined) continue
      this.#methods.set(name, { name, definition, handle })
      for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
        this.#groups.add(name.slice(0, dot))
    }
  }

  get(name: string): BoundMethod | undefined {
    return this.#methods.get(name)
  }

  /** Whether methods lie below this name, as in `server` of `server.time`. */
  isGroup(name: string): boolean {
    return this.#groups.has(name) && !this.#methods.has(name)
  }
}
