import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'

export interface ExecResult {
  exitCode: number | null
  exitSignal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A command that ended with another code than 0. */
export class ExitError extends Error {
  readonly command: string
  readonly result: ExecResult

  constructor(command: string, result: ExecResult) {
    const how =
      result.exitSignal === null ? `exited with code ${result.exitCode}` : `ended by ${result.exitSignal}`
    const said = result.stderr.trim() || result.stdout.trim()
    super(`${command} ${how}${said ? `: ${said.slice(-2000)}` : ''}`)
    this.name = 'ExitError'
    this.command = command
    this.result = result
  }
}

export interface ExecOutcome extends ExecResult {
  /** The result itself; throws {@link ExitError} when the command failed. */
  throw(): ExecOutcome
}

export interface CollectOptions {
  /** Written to the command's standard input. */
  input?: string | Buffer | undefined
  /** Milliseconds; null = no limit. */
  timeout?: number | null | undefined
  signal?: AbortSignal | undefined
  /** How the command is called in errors. */
  label?: string | undefined
}

export const DEFAULT_TIMEOUT = 30_000
/** A command that was told to end has this long before it is killed. */
const TERM_GRACE = 2_000
/** After its end, output that other processes still hold open is waited for this long. */
const OUTPUT_GRACE = 1_000

export function start(argv: readonly string[], stdio: StdioOptions): ChildProcess {
  const [command = '', ...args] = argv
  return spawn(command, args, { stdio })
}

/** Runs a command to its end and collects what it says. */
export async function collect(argv: readonly string[], options: CollectOptions = {}): Promise<ExecOutcome> {
  const { input, timeout = DEFAULT_TIMEOUT, signal, label = argv[0] ?? '' } = options
  const child = start(argv, 'pipe')
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A command may end before it has read all of its input.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  let stopped = false
  const kill = () => {
    stopped = true
    endSoon(child)
  }
  const timer = timeout === null ? null : setTimeout(kill, timeout)
  signal?.addEventListener('abort', kill, { once: true })
  if (signal?.aborted) kill()
  try {
    const end = await outputEnd(child)
    // The helper reports a command that was asked to end as a success; cut short is not a success.
    const exitCode = stopped ? null : end.code
    const exitSignal = stopped ? (end.signal ?? 'SIGTERM') : end.signal
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8')
    return outcome(label, { exitCode, exitSignal, stdout: text(stdout), stderr: text(stderr) })
  } finally {
    if (timer) clearTimeout(timer)
    signal?.removeEventListener('abort', kill)
  }
}

/** Runs a command to its end; throws {@link ExitError} when it fails. */
export async function run(argv: readonly string[], options: CollectOptions = {}): Promise<ExecOutcome> {
  return (await collect(argv, options)).throw()
}

/** Fulfils when the process has ended. Rejects when it could not be started. */
export function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve({ code: child.exitCode, signal: child.signalCode })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

/** SIGTERM, then SIGKILL when the process is still there after the grace. */
export function endSoon(child: ChildProcess, grace = TERM_GRACE): void {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), grace)
  child.once('exit', () => clearTimeout(timer))
}

async function outputEnd(child: ChildProcess): ReturnType<typeof ended> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const how = await ended(child)
  let timer: NodeJS.Timeout | undefined
  await Promise.race([closed, new Promise<void>((resolve) => (timer = setTimeout(resolve, OUTPUT_GRACE)))])
  clearTimeout(timer)
  return how
}

function outcome(label: string, result: ExecResult): ExecOutcome {
  const whole: ExecOutcome = {
    ...result,
    throw() {
      if (result.exitCode !== 0) throw new ExitError(label, result)
      return whole
    },
  }
  return whole
}
