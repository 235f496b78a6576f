import { readFile } from 'node:fs/promises'
import type { Effects } from '../effects.ts'
import type { CommandType } from '../subcontainer/command.ts'
import type { SubContainer } from '../subcontainer/subcontainer.ts'
import { asError } from '../watchable.ts'
import type { HealthCheckResult } from './result.ts'

const QUICK = 1_000
const SCRIPT = 30_000

export interface PortMessages {
  successMessage?: string | null | undefined
  errorMessage: string
  timeoutMessage?: string | undefined
  /** Milliseconds. Default 1000. */
  timeout?: number | undefined
}

/** Whether something listens on a port of the service: TCP or UDP, on any address. */
export async function checkPortListening(
  _effects: Effects,
  port: number,
  { successMessage, errorMessage, timeoutMessage, timeout = QUICK }: PortMessages,
): Promise<HealthCheckResult> {
  const listening = await withTimeout(portIsListening(port), timeout).catch(() => null)
  if (listening === null) return { result: 'failure', message: timeoutMessage ?? errorMessage }
  if (!listening) return { result: 'failure', message: errorMessage }
  return { result: 'success', message: successMessage ?? `Port ${port} is listening` }
}

/** Whether a web address answers at all; any status counts. */
export async function checkWebUrl(
  _effects: Effects,
  url: string,
  options: { timeout?: number; successMessage?: string; errorMessage?: string } = {},
): Promise<HealthCheckResult> {
  const {
    timeout = QUICK,
    successMessage = `Reached ${url}`,
    errorMessage = `Error while fetching URL: ${url}`,
  } = options
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout), redirect: 'manual' })
    await response.body?.cancel()
    return { result: 'success', message: successMessage }
  } catch (error) {
    return { result: 'failure', message: `${errorMessage} (${asError(error).message})` }
  }
}

/** Whether a command in a subcontainer succeeds. Throws a failing result when it does not. */
export async function runHealthScript(
  command: CommandType,
  subcontainer: SubContainer,
  options: {
    timeout?: number
    errorMessage?: string
    message?: (output: string) => string | null
  } = {},
): Promise<HealthCheckResult> {
  const { timeout = SCRIPT, errorMessage = 'Error while running the health script', message } = options
  const { exitCode, stdout, stderr } = await subcontainer
    .exec(command, { timeout })
    .catch((error: unknown) => {
      throw failure(`${errorMessage}: ${asError(error).message}`)
    })
  if (exitCode !== 0) throw failure(`${errorMessage}: ${(stderr.trim() || stdout.trim()).slice(-500)}`)
  return { result: 'success', message: message ? message(stdout) : stdout.trim() || null }
}

function failure(message: string): HealthCheckResult {
  return { result: 'failure', message }
}

/** The kernel's socket tables; the container's own, because subcontainers share its network. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6', '/proc/net/udp', '/proc/net/udp6']
/** `proc(5)`: TCP sockets that wait for callers; UDP sockets have no such state. */
const LISTEN = '0A'

export async function portIsListening(port: number): Promise<boolean> {
  const tables = await Promise.all(TABLES.map(readTable))
  return tables.some((rows) => rows.some((row) => row.port === port))
}

async function readTable(path: string): Promise<{ port: number }[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const tcp = path.includes('tcp')
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local && (!tcp || state === LISTEN))
    .map(([, local = '']) => ({ port: Number.parseInt(local.slice(local.indexOf(':') + 1), 16) }))
}

async function withTimeout<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), milliseconds)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
