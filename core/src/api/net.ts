import { lookup } from 'node:dns/promises'
import { CodedError } from '@startd/base/errors.ts'
import type { ServerDb } from '../db/index.ts'
import type { Handlers } from '../rpc/handlers.ts'

/** Patience of a lookup; the resolver of the system may retry for longer. */
const LOOKUP_MS = 10_000

/** Answered in every context (rpc-methods.md §3.4). */
export const lookupHandlers = {
  'net.dns.query': async ({ fqdn }) => {
    const patience = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => patience.reject(new CodedError('Network', 'The DNS servers of this machine do not answer')),
      LOOKUP_MS,
    )
    try {
      const { address } = await Promise.race([lookup(fqdn, { family: 4 }), patience.promise])
      return address
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOTFOUND') return null
      if (error instanceof CodedError) throw error
      throw new CodedError('Network', `${fqdn} could not be looked up`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  },
} satisfies Handlers

/** What the state knows of networks (rpc-methods.md §3.4). */
export function netHandlers(db: ServerDb) {
  return {
    'net.gateway.list': () => db.peek().public.serverInfo.network.gateways,
  } satisfies Handlers
}
