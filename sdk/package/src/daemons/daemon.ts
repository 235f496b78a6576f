import type { ChildProcess } from 'node:child_process'
import { pause } from '../abort.ts'
import { endSoon, ended } from '../subcontainer/process.ts'
import type { SubContainer } from '../subcontainer/subcontainer.ts'
import { asError } from '../watchable.ts'
import type { Exec, ExecCommand } from './options.ts'

export type DaemonEnd = { clean: true } | { clean: false; error: Error }

const DEFAULT_SIGTERM_TIMEOUT = 60_000
const BACK_OFF_STEP = 1_000
const BACK_OFF_STEPS = 30
/** A process that ran this long was well: the next restart is immediate again. */
const HEALTHY_RUN = 60_000

interface Life {
  stop: AbortController
  over: Promise<void>
}

/** A process that is kept running: started again, ever later, whenever it ends. */
export class Daemon {
  readonly subcontainer: SubContainer | null
  readonly exec: Exec
  /** Ends for good with its first success. */
  readonly oneshot: boolean
  life: Life | null = null

  constructor(subcontainer: SubContainer | null, exec: Exec, oneshot = false) {
    this.subcontainer = subcontainer
    this.exec = exec
    this.oneshot = oneshot
  }

  /** Starts the process; `onEnd` is told each time that it ends by itself. */
  start(onEnd: (end: DaemonEnd) => void): void {
    if (this.life) return
    const stop = new AbortController()
    this.life = { stop, over: this.keepRunning(stop.signal, onEnd) }
  }

  /** Ends the process: asked first, killed after its time. Its subcontainer stays. */
  async stop(): Promise<void> {
    const life = this.life
    if (!life) return
    life.stop.abort()
    await life.over
    if (this.life === life) this.life = null
  }

  async keepRunning(signal: AbortSignal, onEnd: (end: DaemonEnd) => void): Promise<void> {
    const release = this.subcontainer?.hold()
    try {
      for (let attempt = 0; !signal.aborted; attempt++) {
        const begun = Date.now()
        const end = await this.runOnce(signal).catch((error: unknown): DaemonEnd => ({
          clean: false,
          error: asError(error),
        }))
        if (signal.aborted) return
        if (!end.clean) console.error(end.error.message)
        onEnd(end)
        if (this.oneshot && end.clean) return
        if (Date.now() - begun > HEALTHY_RUN) attempt = 0
        await pause(Math.min(attempt, BACK_OFF_STEPS) * BACK_OFF_STEP, signal)
      }
    } finally {
      await release?.()
    }
  }

  async runOnce(signal: AbortSignal): Promise<DaemonEnd> {
    const command = 'fn' in this.exec ? await this.callFunction(signal) : this.exec
    if (signal.aborted || !command) return { clean: true }
    if (!this.subcontainer) throw new Error('a command needs a subcontainer to run in')
    const child = await spawnIn(this.subcontainer, command)
    const grace = command.sigtermTimeout ?? this.exec.sigtermTimeout ?? DEFAULT_SIGTERM_TIMEOUT
    const end = () => endSoon(child, grace)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    try {
      return describeEnd(command, await ended(child))
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  /** A function is told to stop, and then not waited for. */
  async callFunction(signal: AbortSignal): Promise<ExecCommand | null> {
    if (!('fn' in this.exec)) return this.exec
    const work = this.exec.fn(this.subcontainer, signal)
    const aborted = new Promise<null>((resolve) => {
      signal.addEventListener('abort', () => resolve(null), { once: true })
    })
    work.catch((error: unknown) => signal.aborted && console.error(error))
    return Promise.race([work, aborted])
  }
}

async function spawnIn(subcontainer: SubContainer, exec: ExecCommand): Promise<ChildProcess> {
  const { command, env, cwd, user, runAsInit, onStdout, onStderr } = exec
  const stdio = [
    'inherit' as const,
    onStdout ? ('pipe' as const) : 'inherit',
    onStderr ? 'pipe' : 'inherit',
  ] as const
  const options = { env, cwd, user, stdio: [...stdio] }
  const child = await (runAsInit
    ? subcontainer.launch(command, options)
    : subcontainer.spawn(command, options))
  // What a package listens to still goes to the log.
  child.stdout?.on('data', (chunk: Buffer) => (process.stdout.write(chunk), onStdout?.(chunk)))
  child.stderr?.on('data', (chunk: Buffer) => (process.stderr.write(chunk), onStderr?.(chunk)))
  return child
}

/** 143 is how a shell reports that it was asked to end (128 + SIGTERM). */
const CLEAN_CODES = [0, 143]

function describeEnd(
  { command }: ExecCommand,
  { code, signal }: { code: number | null; signal: NodeJS.Signals | null },
): DaemonEnd {
  if (signal === 'SIGTERM' || (code !== null && CLEAN_CODES.includes(code))) return { clean: true }
  const shown =
    typeof command === 'string'
      ? command
      : 'overrideCmd' in command
        ? 'the image’s entrypoint'
        : command.join(' ')
  const how = signal ? `exited with signal ${signal}` : `exited with code ${code}`
  return { clean: false, error: new Error(`${shown} ${how}`) }
}
