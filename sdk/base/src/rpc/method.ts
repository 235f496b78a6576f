import type { z } from 'zod'

/** Who may call a method: anyone, a logged-in caller, or anyone while the server is being set up. */
export type MethodAuth = 'public' | 'session' | 'login' | 'setup'

/** Boot contexts that serve a method (rpc.md §2). */
export type BootContext = 'running' | 'init' | 'diagnostic' | 'setup'

/** How a method shows on the command line; a method without one is not reachable from `start-cli`. */
export interface CliShape {
  /** Parameter names that are given by position, in order; `name?` optional, `name…` repeatable. */
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
export interface MethodDefinition<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  summary: string
  params: P
  result: R
  auth: MethodAuth
  contexts: readonly BootContext[]
  /** Answers carry `X-Patch-Sequence` (rpc.md §6.2). */
  sync: boolean
  /** The handler gets the caller's session id. */
  getSession: boolean
  cli: CliShape | null
}

type Options = Partial<Pick<MethodDefinition, 'auth' | 'contexts' | 'sync' | 'getSession' | 'cli'>>

/** Declares a method; unless told otherwise: logged-in callers, running context, no sync, no command. */
export function method<P extends z.ZodType, R extends z.ZodType>(
  summary: string,
  params: P,
  result: R,
  options: Options = {},
): MethodDefinition<P, R> {
  return {
    auth: 'session',
    contexts: ['running'],
    sync: false,
    getSession: false,
    cli: null,
    ...options,
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
export type ResultOf<C extends Methods, M extends keyof C> = z.output<C[M]['result']>
