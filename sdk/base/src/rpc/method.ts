import type { z } from 'zod'

/** Who may call a method: anyone, a logged-in caller, or anyone while the server is being set up. */
export type MethodAuth = 'public' | 'session' | 'login' | 'setup'

/** Boot contexts that serve a method (rpc.md §2). */
export type BootContext = 'running' | 'init' | 'diagnostic' | 'setup'

/** Who needs a method: every user, owners of dedicated hardware, or a few (rpc-methods.md §1). */
export type MethodMark = 'CORE' | 'HW' | 'LATER'

/** How a method shows on the command line; a method without one is not reachable from `start-cli`. */
export interface CliShape {
  /** Parameter names that are given by position, in order; `name?` optional, `name…` repeatable, `name?…` both. */
  positional: readonly string[]
  /** Column names of the table that is shown by default; without it the result is printed as JSON. */
  table?: readonly string[]
  /** Units of columns, shown in their heads. */
  units?: Readonly<Record<string, string>>
  /** Member of the result that holds the rows of the table; without it the result itself. */
  rows?: string
  /** Printed below the help text. */
  examples?: readonly string[]
  /** Done by a command of its own (uploads, live views, prompts) that keeps this place in the tree. */
  custom?: boolean
}

/**
 * One RPC method, declared once: from here come the dispatcher's checks, the typed clients, the
 * `start-cli` command with its help, and the API reference.
 */
export interface MethodDefinition<
  P extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
  C extends BootContext = BootContext,
> {
  summary: string
  params: P
  result: R
  auth: MethodAuth
  mark: MethodMark
  contexts: readonly C[]
  /** Answers carry `X-Patch-Sequence` (rpc.md §6.2). */
  sync: boolean
  /** The handler gets the caller's session id. */
  getSession: boolean
  cli: CliShape | null
}

type Options<C extends BootContext> = Partial<
  Pick<MethodDefinition, 'auth' | 'mark' | 'sync' | 'getSession' | 'cli'> & { contexts: readonly C[] }
>

/** Declares a method; unless told otherwise: for every user, logged-in callers, running context, no sync, no command. */
export function method<P extends z.ZodType, R extends z.ZodType, C extends BootContext = 'running'>(
  summary: string,
  params: P,
  result: R,
  { contexts, ...options }: Options<C> = {},
): MethodDefinition<P, R, NoInfer<C>> {
  return {
    auth: 'session',
    mark: 'CORE',
    sync: false,
    getSession: false,
    cli: null,
    ...options,
    contexts: contexts ?? (['running'] as BootContext[] as C[]),
    summary,
    params,
    result,
  }
}

export type Methods = Record<string, MethodDefinition>
/** What a caller sends. */
export type ParamsOf<C extends Methods, M extends keyof C> = z.input<C[M]['params']>
/** What a handler receives. */
export type ParsedParamsOf<C extends Methods, M extends keyof C> = z.output<C[M]['params']>
/** The methods that a boot context serves. */
export type MethodsOf<C extends Methods, X extends BootContext> = {
  [M in keyof C]: X extends C[M]['contexts'][number] ? M : never
}[keyof C]
export type ResultOf<C extends Methods, M extends keyof C> = z.output<C[M]['result']>
