import type { Command } from 'commander'
import { CodedError } from '@startd/base/errors.ts'
import type { Session } from './commands/index.ts'
import { type GlobalFlags, readSettings, type Settings } from './settings.ts'
import { trust } from './trust.ts'

/** What a command works with, from its flags, the variables and the configuration. */
export async function openSession(
  command: Command,
  print: (text: string) => void,
): Promise<Session & { settings: Settings }> {
  const settings = await readSettings(command.optsWithGlobals<GlobalFlags>())
  await trust(settings)
  // Loaded here: help, completion and manual talk to nobody.
  const { Client } = await import('./client.ts')
  return { client: new Client(settings), format: settings.format, print, settings }
}

/** Work that took longer than its caller wanted to wait. Its connections may be open still: the program must end. */
export class GaveUp extends CodedError {
  constructor(seconds: number) {
    super('Timeout', `No end after ${seconds} seconds; the server may still be working on it`)
  }
}

/** Waits for work, but not longer than `limit` milliseconds. Throws `GaveUp` then. */
export async function withDeadline<T>(limit: number | null, work: Promise<T>): Promise<T> {
  if (limit === null) return work
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new GaveUp(limit / 1000)), limit)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
