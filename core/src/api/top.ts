import type { Handlers } from '../rpc/handlers.ts'
import { gitHash } from '../system/git-hash.ts'

type State = 'running' | 'initializing' | 'error'

export const buildHandlers = { 'git-info': () => gitHash() } satisfies Handlers

/** `state` says in which context the caller landed. */
export function stateHandlers(state: State) {
  return { state: () => state } satisfies Handlers
}

export const echoHandlers = { echo: ({ message }) => message } satisfies Handlers
