import { existsSync } from 'node:fs'
import { homedir, networkInterfaces } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CodedError } from '@startd/base/errors.ts'
import { defaultData } from '../cli/settings.ts'
import { MODEL_VERSION } from '../db/index.ts'
import { toCodedError } from '../rpc/errors.ts'
import type { EndKind } from '../system/ending.ts'
import { journalUnit, type ServerLog } from '../system/logs/index.ts'
import { machinePower } from '../system/machine-power.ts'
import { saveCompiled } from './compile-cache.ts'
import { Daemon } from './daemon.ts'
import { openServices, takeDown } from './open-services.ts'

const HELP = `startd: runs services on this machine and shows them in a browser.

  startd --rootfs FILE --helper FILE --runtime DIR [FLAGS]

  --data DIR       everything of this server (${defaultData()})
  --listen ADDR    address to listen on (127.0.0.1)
  --port N         port of the web page (8080; 0 takes any free one)
  --web DIR        built web pages
  --rootfs FILE    squashfs that containers start from
  --helper FILE    native helper of the host
  --runtime DIR    bundled container runtime
  --ssh-keys FILE  file of those who may log in by SSH, where the keys that the owner gives
                   the server are added (~/.ssh/authorized_keys; none: nobody may)
  --manage-power   restart and switch off the whole machine when the owner asks for it;
                   otherwise only startd and its services
  -h, --help       this text

SIGINT or SIGTERM end it. Services keep running; their pages open again once it runs again.
`

const RUN_ON = 'Services keep running; their pages open again once startd runs again.'

/** Exit status of a wrong command line. */
const USAGE = 2

interface Flags {
  data: string
  listen: string
  port: number
  web: string | null
  rootfs: string
  helper: string
  runtime: string
  sshKeys: string | null
  managePower: boolean
}

/** Null when only the help was asked for. */
function readFlags(args: readonly string[]): Flags | null {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { ...text, default: process.env['STARTD_DATA'] ?? defaultData() },
      listen: { ...text, default: '127.0.0.1' },
      port: { ...text, default: '8080' },
      web: text,
      rootfs: text,
      helper: text,
      runtime: text,
      'ssh-keys': { ...text, default: join(homedir(), '.ssh/authorized_keys') },
      'manage-power': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  const { rootfs, helper, runtime } = values
  if (rootfs === undefined || helper === undefined || runtime === undefined) {
    throw new TypeError(
      '--rootfs, --helper and --runtime are needed; “npm run up” builds them and gives them',
    )
  }
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65535) {
    throw new TypeError(`--port wants a number from 0 to 65535, not “${values.port}”`)
  }
  return {
    data: resolve(values.data),
    listen: values.listen,
    port: Number(values.port),
    web: values.web === undefined ? null : resolve(values.web),
    rootfs: resolve(rootfs),
    helper: resolve(helper),
    runtime: resolve(runtime),
    sshKeys: values['ssh-keys'] === 'none' ? null : resolve(values['ssh-keys']),
    managePower: values['manage-power'],
  }
}

async function run(flags: Flags): Promise<number> {
  // A terminal that is gone, as after a lost connection, is no reason to stop.
  process.stdout.on('error', () => undefined)
  const say = (text: string) => void process.stdout.write(`${text}\n`)
  const ended = new Promise<NodeJS.Signals>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.once(signal, () => done(signal))
  })
  const daemon = await Daemon.start({
    ...flags,
    echo: journalUnit() === null ? ({ time, message }) => say(`${time} ${message}`) : journalLine(say),
    openServices: (db, log) => openServices({ ...flags, version: MODEL_VERSION }, db, log),
    takeDown: (log) => takeDown(flags, log),
  })
  logFaults(daemon)
  say(`\n  Open  ${daemon.url}${elsewhere(flags.listen, daemon.url)}\n`)
  await Promise.race([daemon.started, ended, daemon.ending])
  saveCompiled()
  const end = await Promise.race([ended, daemon.ending])
  if (end === 'restart' || end === 'shutdown' || end === 'rebuild') {
    await daemon.stop()
    return await endAs(end, flags.managePower, say)
  }
  // “npm run down” ends the daemon with SIGTERM, and the services after it.
  say(end === 'SIGTERM' ? 'startd is stopping' : `startd is stopping. ${RUN_ON}`)
  await daemon.stop()
  return 0
}

/** The services are down and the daemon has ended: what comes now. */
async function endAs(end: EndKind, managePower: boolean, say: (text: string) => void): Promise<number> {
  if (managePower && end !== 'rebuild') {
    say(end === 'restart' ? 'This machine restarts' : 'This machine switches off')
    await machinePower().switch(end)
    return 0
  }
  say(end === 'shutdown' ? 'startd and its services are stopped.' : 'startd starts again')
  if (end === 'shutdown') return 0
  // Becomes the next run: whoever watches this process keeps it, and so does the terminal.
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)])
  return 1
}

/** A line as the journal takes it: it knows the time, and reads the priority from the front (sd-daemon(3)). */
function journalLine(say: (text: string) => void): ConstructorParameters<typeof ServerLog>[1]['echo'] {
  const priority = { error: 3, warning: 4, info: 6, debug: 7 }
  return ({ level, message }) => say(`<${priority[level]}>${message.replaceAll('\n', ' ')}`)
}

/** Runs the daemon until it is told to end; answers the exit status, which is the error's number where there is one. */
export async function startd(args: readonly string[]): Promise<number> {
  let flags: Flags | null
  try {
    flags = readFlags(args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return USAGE
  }
  if (flags === null) {
    process.stdout.write(HELP)
    return 0
  }
  try {
    return await run(flags)
  } catch (error) {
    process.stderr.write(`${toCodedError(error).message}\n`)
    return error instanceof CodedError ? error.code : 1
  }
}

/** A fault in one place must not end the services' control; what is broken beyond that ends with a word in the log. */
function logFaults({ log }: Daemon): void {
  const text = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.on('unhandledRejection', (error) => log.error('a fault was not handled', { error: text(error) }))
  process.on('uncaughtException', (error) => {
    log.error('a fault ends the server', { error: text(error) })
    process.exit(1)
  })
}

/** Addresses for other devices, when the server can be reached from them. */
function elsewhere(listen: string, url: string): string {
  if (listen !== '0.0.0.0' && listen !== '::') return ''
  const { port } = new URL(url)
  const addresses = Object.entries(networkInterfaces())
    .filter(([name]) => !existsSync(`/sys/class/net/${name}/bridge`))
    .flatMap(([, found]) => found ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => `http://${address}${port === '' ? '' : `:${port}`}`)
  return addresses.length === 0 ? '' : `\n  from other devices  ${addresses.join('  ')}`
}
