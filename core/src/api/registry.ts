import { CodedError } from '@startd/base/errors.ts'
import type { Handlers } from '../rpc/handlers.ts'

/** Answered at once, so that the pages that ask for it say so instead of waiting. */
function unavailable({ registry }: { registry: string }): never {
  throw new CodedError(
    'Registry',
    `This server does not ask registries (${registry}) yet. Install from a package file.`,
  )
}

/** rpc-methods.md §3.13. */
export const registryHandlers = {
  'registry.info': unavailable,
  'registry.package.get': unavailable,
  'registry.os.version.get': unavailable,
} satisfies Handlers
