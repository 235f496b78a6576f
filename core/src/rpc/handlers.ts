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

  private constructor(handlers: Handlers) {
    for (const [key, handle] of Object.entries(handlers)) {
      const name = key as MethodName
      this.#methods.set(name, { name, definition: CONTRACT[name], handle: handle as AnyHandler })
      for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        this.#groups.add(name.slice(0, dot))
      }
    }
  }

  /** Exactly the methods that the contract gives to a context; throws if one is missing or too many. */
  static complete(context: BootContext, handlers: Handlers): MethodTable {
    for (const [name, { contexts }] of Object.entries<MethodDefinition>(CONTRACT)) {
      if (contexts.includes(context) !== Object.hasOwn(handlers, name)) {
        throw new Error(
          `${name} must ${contexts.includes(context) ? '' : 'not '}be handled in the context ${context}`,
        )
      }
    }
    return new MethodTable(handlers)
  }

  /** Some methods only, for programs that serve a part of the contract. */
  static partial(handlers: Handlers): MethodTable {
    return new MethodTable(handlers)
  }

  get(name: string): BoundMethod | undefined {
    return this.#methods.get(name)
  }

  /** Whether methods lie below this name, as in `server` of `server.time`. */
  isGroup(name: string): boolean {
    return this.#groups.has(name) && !this.#methods.has(name)
  }
}
