import { vi } from 'vitest'

/** Fulfils as soon as the check passes; patient, because a busy machine may be slow. */
export function soon<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 10 })
}
