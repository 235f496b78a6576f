import { fstatSync, readFileSync } from 'node:fs'
import { Journal } from './journal.ts'
import { KernelRing } from './kernel-ring.ts'
import type { ServerLog } from './server-log.ts'
import type { Logs } from './source.ts'

export { Journal } from './journal.ts'
export { KernelRing } from './kernel-ring.ts'
export { ServerLog, type LogFields, type Logger } from './server-log.ts'
export type { FollowedLog, LogQuery, Logs, LogSource } from './source.ts'

/** Unit of the system's manager that this program runs in, when its output goes to the journal; else null. */
export function journalUnit(): string | null {
  const stream = process.env['JOURNAL_STREAM']
  const unit = /\/([^/\n]+\.service)(\/|$)/m.exec(cgroups())?.[1]
  if (stream === undefined || unit === undefined) return null
  const { dev, ino } = fstatSync(process.stdout.fd)
  return stream === `${dev}:${ino}` ? unit : null
}

/** Where each log is read: in the journal where it holds them, else in our own files and the kernel's ring. */
export async function logSources(own: ServerLog): Promise<Logs> {
  const unit = journalUnit()
  const kept = await Journal.isKept().catch(() => false)
  return {
    server: unit !== null && kept ? new Journal(['-u', unit]) : own,
    kernel: kept ? new Journal(['-k']) : new KernelRing(),
  }
}

function cgroups(): string {
  try {
    return readFileSync('/proc/self/cgroup', 'utf8')
  } catch {
    return ''
  }
}
