import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { diagnosticContext, initContext, runningContext, setupContext } from '../api/contexts.ts'
import { idleStatus, openDatabase, type OpenedDatabase, type ServerDb, sessionStore } from '../db/index.ts'
import { toCodedError } from '../rpc/errors.ts'
import { HttpServer } from '../rpc/http-server.ts'
import { LocalAuth } from '../rpc/local-auth.ts'
import { hashPassword } from '../rpc/passwords.ts'
import { Sessions } from '../rpc/sessions.ts'
import type { ServiceControl } from '../service/index.ts'
import { BootProgress } from '../setup/boot-progress.ts'
import { FirstBoot } from '../setup/first-boot.ts'
import { linesOf } from '../api/ssh.ts'
import { watchClock } from '../system/clock.ts'
import { type EndKind, Ending } from '../system/ending.ts'
import { findDevices } from '../system/hardware.ts'
import { logSources, ServerLog } from '../system/logs/index.ts'
import { MetricsWatch } from '../system/metrics/index.ts'
import { AuthorizedKeys, openAuthorizedKeys } from '../system/ssh/index.ts'

/** The services with what they stand on; closing it leaves the services running. */
export interface OpenedServices extends AsyncDisposable {
  readonly control: ServiceControl
}

export interface DaemonOptions {
  /** Directory that holds everything of this server. */
  readonly data: string
  readonly listen: string
  /** 0: any free port. */
  readonly port: number
  readonly web: string | null
  readonly echo: ConstructorParameters<typeof ServerLog>[1]['echo']
  /** File of those who may log in by SSH; null: startd lets nobody. */
  readonly sshKeys: string | null
  /** Makes the host ready for containers; throws what the owner has to do when it cannot. */
  readonly openServices: (db: ServerDb, log: ServerLog) => Promise<OpenedServices>
  /** Stops all containers of this data directory, opened or not, once nothing drives them any more. */
  readonly takeDown: (log: ServerLog) => Promise<void>
}

const PHASES = { host: 'Preparing Containers', services: 'Loading Services', finish: 'Finishing' } as const

/** One running control plane: from the open port to the last service, and back. */
export class Daemon implements AsyncDisposable {
  readonly url: string
  readonly log: ServerLog
  /** Fulfils when the daemon serves its last context; a failed start ends in diagnostic mode, it does not reject. */
  readonly started: Promise<void>
  /** Fulfils when somebody has asked for an end, and the services are down. Then it is time to `stop`. */
  readonly ending: Promise<EndKind>
  readonly #http: HttpServer
  readonly #parts: AsyncDisposableStack
  readonly #stopping = new AbortController()

  private constructor(url: string, plan: Omit<Boot, 'stopping'>) {
    this.url = url
    this.log = plan.log
    this.#http = plan.http
    this.#parts = plan.parts
    this.ending = plan.ending.reached
    this.started = boot({ ...plan, stopping: this.#stopping.signal })
  }

  /**
   * Answers as soon as the port is open and the data directory is ours; the rest of the start goes on. Throws
   * LanPortConflict for a used port, InvalidRequest when another daemon has the directory.
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    await using parts = new AsyncDisposableStack()
    await mkdir(options.data, { recursive: true, mode: 0o700 })
    const warnings: string[] = []
    // Before the port, which another daemon with this directory has mostly too.
    const opened = await openOrExplain(options.data, (text) => warnings.push(text))
    if (!(opened instanceof CodedError)) parts.use(opened)
    const http = parts.use(new HttpServer({ web: options.web }))
    const bound = await http.listen(options.listen, options.port)
    const log = parts.use(new ServerLog(join(options.data, 'log'), { echo: options.echo }))
    const logs = await logSources(log)
    const ending = new Ending(log, () => options.takeDown(log))
    for (const text of warnings) log.warn(text)
    const local = await LocalAuth.create(options.data)
    const url = urlOf(bound)
    // For the command line and for “npm run down”.
    await writeFile(addressFile(options.data), `${url}\n`, { mode: 0o600 })
    await writeFile(join(options.data, 'run', 'pid'), `${process.pid}\n`, { mode: 0o600 })
    return new Daemon(url, { options, http, log, logs, ending, local, parts: parts.move(), opened })
  }

  /** Ends the daemon; services keep running. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.started
    await this.#http.close()
    await this.#parts.disposeAsync()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

interface Boot {
  options: DaemonOptions
  http: HttpServer
  log: ServerLog
  logs: Awaited<ReturnType<typeof logSources>>
  ending: Ending
  local: LocalAuth
  parts: AsyncDisposableStack
  opened: OpenedDatabase | CodedError
  stopping: AbortSignal
}

async function boot(plan: Boot): Promise<void> {
  const { options, http, log, logs, ending, local, parts, opened, stopping } = plan
  const common = { log, logs, ending, continuations: http.continuations }
  const progress = new BootProgress(Object.values(PHASES))
  try {
    if (opened instanceof CodedError) throw opened
    const db = opened.db ?? (await firstBoot(opened, http, common, stopping))
    if (db === null || stopping.aborted) return
    http.serve(initContext(progress, common))
    const services = await progress.run(PHASES.host, async () =>
      parts.use(await options.openServices(db, log)),
    )
    const { control } = services
    ending.takeDown = async () => {
      await control.halt()
      await services[Symbol.asyncDispose]()
      await options.takeDown(log)
    }
    await progress.run(PHASES.services, () => control.load())
    await progress.run(PHASES.finish, async () => {
      await describeMachine(db)
      parts.use(watchClock((synced) => setClock(db, synced)))
      const sessions = parts.use(
        new Sessions(
          sessionStore(db),
          (error) => log.error('logins could not be stored', { error: String(error) }),
          (ids) => http.continuations.kill(ids),
        ),
      )
      sessions.watchExpiry()
      const metrics = parts.use(
        new MetricsWatch({
          dataDir: options.data,
          file: join(options.data, 'metrics', 'history'),
          warn: (text) => log.warn(text),
        }),
      )
      const sshKeys = await openSshKeys(options, db, log)
      http.serve(runningContext({ ...common, db, sessions, local, services: control, metrics, sshKeys }))
    })
    log.info('running')
  } catch (error) {
    const coded = toCodedError(error)
    log.error('the start has failed', { error: coded.message, stack: coded.stack })
    progress.fail(coded)
    http.serve(diagnosticContext(coded, common))
  }
}

/** What is true of this start: nothing is under way, and the machine may be another one. */
async function describeMachine(db: ServerDb): Promise<void> {
  const devices = await findDevices()
  await db.mutate(({ public: { serverInfo } }) => {
    serverInfo.statusInfo = idleStatus()
    serverInfo.ram = totalmem()
    serverInfo.devices = devices
  })
}

async function setClock(db: ServerDb, synced: boolean): Promise<void> {
  if (db.peek().public.serverInfo.ntpSynced === synced) return
  await db.mutate(({ public: { serverInfo } }) => {
    serverInfo.ntpSynced = synced
  })
}

/** Brings the file to what the database says; that it cannot be is no reason not to start. */
async function openSshKeys(
  { data, sshKeys }: DaemonOptions,
  db: ServerDb,
  log: ServerLog,
): Promise<AuthorizedKeys | null> {
  try {
    const file = await openAuthorizedKeys(data, sshKeys)
    await file?.write(linesOf(db.peek().private.sshPubkeys))
    return file
  } catch (error) {
    log.warn('SSH keys could not be brought up to date', { error: String(error) })
    return sshKeys === null ? null : new AuthorizedKeys(sshKeys, data)
  }
}

/** Null when the daemon is stopped before the owner has come. */
async function firstBoot(
  opened: OpenedDatabase,
  http: HttpServer,
  common: Parameters<typeof setupContext>[1],
  stopping: AbortSignal,
): Promise<ServerDb | null> {
  const setup = new FirstBoot(opened, hashPassword)
  http.serve(setupContext(setup, common))
  common.log.info('waiting for the first visitor to set this server up')
  const stopped = new Promise<null>((resolve) => stopping.addEventListener('abort', () => resolve(null)))
  return Promise.race([setup.left, stopped])
}

/** Damaged or newer data is shown in diagnostic mode; only a directory in use ends the program. */
async function openOrExplain(
  data: string,
  warn: (text: string) => void,
): Promise<OpenedDatabase | CodedError> {
  try {
    return await openDatabase(data, warn)
  } catch (error) {
    const coded = toCodedError(error)
    if (coded.kind === 'InvalidRequest') throw await alreadyRunning(data, coded)
    return coded
  }
}

/** Where a running daemon says how it is reached. */
const addressFile = (data: string) => join(data, 'run', 'address')

/** Tells where the other daemon is found, once it has said so. */
async function alreadyRunning(data: string, error: CodedError): Promise<CodedError> {
  const address = await readFile(addressFile(data), 'utf8').catch(() => null)
  if (address === null) return error
  const text = `startd already runs for this data directory: open ${address.trim()}\nAnother one beside it needs its own directory, given with --data.`
  return new CodedError('InvalidRequest', text, { cause: error })
}

function urlOf({ host, port }: { host: string; port: number }): string {
  const wildcard = host === '0.0.0.0' || host === '::'
  const name = wildcard ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}${port === 80 ? '' : `:${port}`}`
}
