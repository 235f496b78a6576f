import { existsSync } from 'node:fs'
import { execa } from 'execa'

/** Time between two looks at a clock that is not in step yet, in ms (system.md §5). */
const LOOK_EVERY = 30_000
const PATIENCE = 5000
/** STA_UNSYNC of adjtimex(2). */
const UNSYNCED = 64

/** Whether a time service keeps the clock of this machine right; null where nobody can tell. */
export async function clockIsSynced(): Promise<boolean | null> {
  if (existsSync('/run/systemd/system')) {
    const answer = await output('timedatectl', ['show', '--property=NTPSynchronized', '--value'])
    if (answer !== null) return answer.trim() === 'yes'
  }
  // The last member is the leap status (chronyc(1), “tracking”).
  const chrony = await output('chronyc', ['-c', 'tracking'])
  if (chrony !== null) return !chrony.trim().endsWith('Not synchronised')
  const kernel = await output('adjtimex', ['--print'])
  const status = /^\s*status:\s*(\d+)/m.exec(kernel ?? '')?.[1]
  return status === undefined ? null : (Number(status) & UNSYNCED) === 0
}

/** Tells of the clock at once, and when it gets in step later; a machine without a time service is not asked again. */
export function watchClock(tell: (synced: boolean) => Promise<void>): Disposable {
  let timer: NodeJS.Timeout | undefined
  let ended = false
  const look = async () => {
    const synced = await clockIsSynced()
    if (ended) return
    await tell(synced === true)
    if (synced === false) timer = setTimeout(begin, LOOK_EVERY).unref()
  }
  const begin = () => {
    look().catch(() => {
      // What cannot be written now is told at the next start.
    })
  }
  begin()
  return {
    [Symbol.dispose]: () => {
      ended = true
      clearTimeout(timer)
    },
  }
}

/** What a program prints; null where there is none, or where it fails. */
async function output(program: string, args: readonly string[]): Promise<string | null> {
  const { failed, stdout } = await execa(program, args, { reject: false, stdin: 'ignore', timeout: PATIENCE })
  return failed ? null : stdout
}
