import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Child } from '../../build/bench/child.ts'
import { proportionalBytes } from '../../build/bench/memory.ts'
import { line } from '../../build/bench/measure.ts'
import { Server } from '../../build/bench/server.ts'
import { openWorkspace } from '../../build/bench/workspace.ts'
import { buildArtefacts } from '../../build/steps/artefacts.ts'
import { localCookiePath } from '../src/rpc/local-auth.ts'
import { pack } from '../src/service/test/packages.ts'
import type { BenchLine } from './api.ts'

const SERVICES = 20
const BROWSERS = 1000
/** How long it is left alone before it counts as idle, and how long it is looked at then. */
const SETTLE_MS = 10_000
const LOOK_MS = 25_000
/** Ticks of the processor's time a second (proc_pid_stat(5)); the same on every machine that Node runs on. */
const TICKS = 100

/** What startd itself takes when nobody wants anything of it. What runs for a service counts to the service. */
export async function idleFigures(): Promise<BenchLine[]> {
  await using workspace = await openWorkspace()
  await using server = await Server.create(workspace.path, await buildArtefacts())
  for (let number = 1; number <= SERVICES; number++) {
    await install(server, await pack(workspace.path, { id: `probe-${number}`, port: 21_000 + number }))
  }
  // A start of its own, without what the installs have left in memory.
  await server.stop()
  await server.start()
  await wait(SETTLE_MS)
  const share = await processorShare(server.pid, LOOK_MS)
  const idle = await proportionalBytes(server.pid)
  return [
    line('api', {
      figure: `idle startd with ${SERVICES} stopped services (MB)`,
      value: idle / 1e6,
      baseline: 'proportional set size of its process (PSS)',
      goal: { atMost: 120 },
    }),
    line('api', {
      figure: `the same, share of one core (%)`,
      value: share * 100,
      baseline: `its process and what it starts, over ${LOOK_MS / 1000} s`,
      goal: { atMost: 0.5 },
    }),
    await browsersFigure(server, idle),
  ]
}

async function browsersFigure(server: Server, idle: number): Promise<BenchLine> {
  const cookie = `local=${(await readFile(localCookiePath(server.data), 'utf8')).trim()}`
  const program = join(import.meta.dirname, 'browsers.ts')
  const args = [program, server.client.host, cookie, String(BROWSERS)]
  await using browsers = new Child(process.execPath, args, server.data)
  await browsers.said(/^open$/)
  await wait(SETTLE_MS)
  return line('api', {
    figure: `${BROWSERS} idle browsers more (MB)`,
    value: ((await proportionalBytes(server.pid)) - idle) / 1e6,
    baseline: 'the same server before (PSS)',
    goal: { atMost: 40 },
  })
}

async function install({ client }: Server, file: string): Promise<void> {
  const { upload, progress } = await client.call('package.sideload', {})
  const ended = (async () => {
    for await (const _ of client.follow(progress));
  })()
  const response = await fetch(`${client.host}/rest/rpc/${upload}`, {
    method: 'POST',
    body: await readFile(file),
  })
  if (!response.ok) throw new Error(await response.text())
  await ended
}

/** Share of one core that a process and its ended children take, from 0. */
async function processorShare(pid: number, milliseconds: number): Promise<number> {
  const before = await ticksOf(pid)
  const begin = performance.now()
  await wait(milliseconds)
  return ((await ticksOf(pid)) - before) / TICKS / ((performance.now() - begin) / 1000)
}

async function ticksOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  // utime, stime, cutime and cstime; the name before them may hold spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0)
}
