import { CodedError } from '@startd/base/errors.ts'
import type { BootContext } from '@startd/base/rpc/method.ts'
import type { ServerDb } from '../db/index.ts'
import type { Continuations } from '../rpc/continuations.ts'
import { type Handlers, type HandlersFor, MethodTable } from '../rpc/handlers.ts'
import type { ServedContext } from '../rpc/http-server.ts'
import type { LocalAuth } from '../rpc/local-auth.ts'
import { LoginLimiter } from '../rpc/login-limiter.ts'
import { RequestSignatures } from '../rpc/request-signatures.ts'
import { signedNames } from '../rpc/server-names.ts'
import type { Sessions } from '../rpc/sessions.ts'
import { ANONYMOUS } from '../rpc/caller.ts'
import type { ServiceControl } from '../service/index.ts'
import type { BootProgress } from '../setup/boot-progress.ts'
import type { FirstBoot } from '../setup/first-boot.ts'
import type { Ending } from '../system/ending.ts'
import type { Logger, Logs } from '../system/logs/index.ts'
import type { MetricsWatch } from '../system/metrics/index.ts'
import type { AuthorizedKeys } from '../system/ssh/index.ts'
import { ABSENT } from './absent.ts'
import { authHandlers } from './auth.ts'
import { SigningKeys } from './auth-keys.ts'
import { dbHandlers } from './db.ts'
import { diskHandlers } from './disk.ts'
import { hostHandlers } from './host.ts'
import { initHandlers } from './init.ts'
import { lookupHandlers, netHandlers } from './net.ts'
import { notificationHandlers } from './notification.ts'
import { packageFiles, remoteFiles } from './package-files.ts'
import { packageHandlers } from './package.ts'
import { kernelLogHandlers, logHandlers } from './server-logs.ts'
import { mailHandlers } from './server-mail.ts'
import { metricsHandlers, metricsText } from './server-metrics.ts'
import { diagnosticPowerHandlers, powerHandlers } from './server-power.ts'
import { serverHandlers } from './server.ts'
import { PasswordCheck } from './password-check.ts'
import { wrappingKey } from './plain-password.ts'
import { setupHandlers } from './setup.ts'
import { sshHandlers } from './ssh.ts'
import { buildHandlers, echoHandlers, stateHandlers } from './top.ts'

const everywhere = { ...buildHandlers, ...lookupHandlers }

/** What all contexts share. */
interface Common {
  log: Logger
  logs: Logs
  continuations: Continuations
  ending: Ending
}

/** First boot: everybody who reaches the server may set it up. */
export function setupContext(boot: FirstBoot, { log, logs, continuations }: Common): ServedContext {
  return openContext(
    'setup',
    {
      ...everywhere,
      'setup.get-pubkey': wrappingKey,
      ...setupHandlers(boot, continuations),
      ...logHandlers('setup', logs, continuations),
    },
    log,
  )
}

/** While the server starts. */
export function initContext(progress: BootProgress, { log, logs, continuations }: Common): ServedContext {
  const handlers = {
    ...everywhere,
    ...stateHandlers('initializing'),
    ...initHandlers(progress, continuations),
    ...logHandlers('init', logs, continuations),
    ...kernelLogHandlers('init', logs, continuations),
  }
  return openContext('init', handlers, log)
}

/** When the start has failed: says why. */
export function diagnosticContext(
  error: CodedError,
  { log, logs, continuations, ending }: Common,
): ServedContext {
  const handlers = {
    ...everywhere,
    ...stateHandlers('error'),
    'diagnostic.error': () => ({ data: null, ...error.toRpc() }),
    ...diagnosticPowerHandlers(ending),
    ...logHandlers('diagnostic', logs, continuations),
    ...kernelLogHandlers('diagnostic', logs, continuations),
  } satisfies Handlers
  return openContext('diagnostic', handlers, log)
}

interface RunningParts extends Common {
  db: ServerDb
  sessions: Sessions
  local: LocalAuth
  services: ServiceControl
  metrics: MetricsWatch
  sshKeys: AuthorizedKeys | null
}

/** The server at work: only for those who have logged in. */
export function runningContext({
  db,
  sessions,
  local,
  services,
  metrics,
  sshKeys,
  log,
  logs,
  continuations,
  ending,
}: RunningParts): ServedContext {
  const limiter = new LoginLimiter()
  const handlers = {
    ...everywhere,
    ...echoHandlers,
    ...stateHandlers('running'),
    'auth.get-pubkey': wrappingKey,
    ...authHandlers({
      db,
      sessions,
      passwords: new PasswordCheck(db, limiter),
      keys: new SigningKeys(db, (ids) => continuations.kill(ids)),
    }),
    ...dbHandlers(db, continuations),
    ...notificationHandlers(db),
    ...packageHandlers(db, services, continuations),
    ...serverHandlers(db),
    ...metricsHandlers(db, metrics, continuations),
    ...mailHandlers(db),
    ...powerHandlers(db, ending),
    ...logHandlers('server', logs, continuations),
    ...kernelLogHandlers('server', logs, continuations),
    ...sshHandlers(db, sshKeys),
    ...diskHandlers,
    ...hostHandlers(db),
    ...netHandlers(db),
  }
  return {
    ...openContext('running', handlers, log),
    gate: {
      admitLogin: ({ address }) => {
        if (services.isService(address)) {
          throw new CodedError('Authorization', 'A service must not control the server that it runs on')
        }
        limiter.admit(address)
      },
      loginSucceeded: ({ address }) => limiter.succeeded(address),
    },
    fence: () => {
      const { sequence } = db
      db.publishFence(sequence)
      return sequence
    },
    identify: (cookies, address) => {
      // Cookies know no ports: browsers send ours to the services of this server as well, which could show it here.
      if (services.isService(address)) return ANONYMOUS
      const secret = cookies.get('local')
      if (secret !== undefined && local.check(secret)) return { kind: 'local', session: null }
      for (const token of cookies.all('session')) {
        const session = sessions.check(token)
        if (session !== null) return { kind: 'session', session }
      }
      return ANONYMOUS
    },
    signatures: new RequestSignatures({
      keys: () => db.peek().private.authPubkeys,
      names: (host, address) =>
        services.isService(address) ? [] : signedNames(givenNames(db), host, address),
    }),
    hostNames: () => ownNames(db),
    packageFiles: packageFiles(db),
    remoteFiles,
    metrics: metricsText(db, metrics, services),
  }
}

/** Does not compile for handlers that are missing, or that are declared absent all the same. */
function openContext<X extends BootContext>(
  name: X,
  handlers: HandlersFor<X, typeof ABSENT>,
  log: Logger,
): ServedContext {
  return {
    name,
    methods: MethodTable.complete(name, handlers as Handlers, ABSENT),
    gate: null,
    fence: null,
    identify: null,
    hostNames: () => new Set(),
    packageFiles: null,
    onError: (method, error) =>
      log.error('a call failed', { method, error: error instanceof Error ? error.stack : String(error) }),
  }
}

/** What this server is called, without the names that networks give it. */
function givenNames(db: ServerDb): string[] {
  const { hostname } = db.peek().public.serverInfo
  return [`${hostname}.local`, hostname, ...ownNames(db)]
}

/** The server's own domains; plain and local names are known without. */
function ownNames(db: ServerDb): ReadonlySet<string> {
  const { host } = db.peek().public.serverInfo.network
  return new Set(
    [...Object.keys(host.publicDomains), ...Object.keys(host.privateDomains)].map((name) =>
      name.toLowerCase(),
    ),
  )
}
