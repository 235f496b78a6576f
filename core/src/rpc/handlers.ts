import { CodedError, type ErrorKind } from '@startd/base/errors.ts'
import {
  CONTRACT,
  type MethodName,
  type MethodOf,
  type ParsedParams,
  type Result,
} from '@startd/base/rpc/contract.ts'
import type { BootContext, MethodDefinition } from '@startd/base/rpc/method.ts'
import type { Call } from './caller.ts'

/** Does the work of one method. Errors that it throws reach the caller. */
export type Handler<M extends MethodName> = (
  params: ParsedParams<M>,
  call: Call,
) => Result<M> | Promise<Result<M>>
export type Handlers = { readonly [M in MethodName]?: Handler<M> }

/**
 * Why a declared method has no handler: this machine has not the part, or this release cannot do it
 * yet. `details` is a sentence for a person.
 */
export interface Absence {
  readonly missing: 'machine' | 'release'
  readonly kind: ErrorKind
  readonly details: string
}
export type Absences = { readonly [M in MethodName]?: Absence }

/** Handlers for everything that a context serves, except what is declared absent, which must have none. */
export type HandlersFor<X extends BootContext, A extends Absences> = {
  readonly [M in Exclude<MethodOf<X>, keyof A>]: Handler<M>
} & { readonly [M in keyof A]?: never }

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

  private constructor(handlers: Iterable<[string, AnyHandler]>) {
    for (const [key, handle] of handlers) {
      const name = key as MethodName
      this.#methods.set(name, { name, definition: CONTRACT[name], handle })
      for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        this.#groups.add(name.slice(0, dot))
      }
    }
  }

  /**
   * Exactly the methods that the contract gives to a context. Absent ones answer their error; throws
   * for a method that is neither handled nor absent, and for one that the context does not serve.
   */
  static complete<X extends BootContext>(context: X, handlers: Handlers, absences: Absences): MethodTable {
    const stray = Object.keys(handlers).find((name) => !contextsOf(name as MethodName).includes(context))
    if (stray !== undefined) throw new Error(`${stray} must not be handled in the context ${context}`)
    const served = Object.keys(CONTRACT) as MethodName[]
    return new MethodTable(
      served
        .filter((name) => contextsOf(name).includes(context))
        .map((name) => [name, (handlers[name] as AnyHandler | undefined) ?? refusal(name, absences[name])]),
    )
  }

  /** Some methods only, for programs that serve a part of the contract. */
  static partial(handlers: Handlers): MethodTable {
    return new MethodTable(Object.entries(handlers) as [string, AnyHandler][])
  }

  get(name: string): BoundMethod | undefined {
    return this.#methods.get(name)
  }

  /** Whether methods lie below this name, as in `server` of `server.time`. */
  isGroup(name: string): boolean {
    return this.#groups.has(name) && !this.#methods.has(name)
  }
}

function contextsOf(name: MethodName): readonly BootContext[] {
  return CONTRACT[name].contexts
}

/** The handler of an absent method: its parameters are checked like those of others, then it says why. */
function refusal(name: MethodName, absence: Absence | undefined): AnyHandler {
  if (absence === undefined) throw new Error(`${name} is neither handled nor declared absent`)
  const { kind, details, missing } = absence
  return () => {
    throw new CodedError(kind, details, { info: { missing } })
  }
}
