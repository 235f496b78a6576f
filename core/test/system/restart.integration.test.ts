import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { PublicModel } from '@startd/base/model.ts'
import type { PackageStats } from '@startd/base/rpc/package.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pack } from '../../src/service/test/packages.ts'
import { openWorld, type World } from '../../src/service/test/world.ts'

const DAEMON = resolve(import.meta.dirname, '../../src/bin/startd.ts')
const PASSWORD = 'correct horse battery staple'

let world: World
let startd: ChildProcess
let lines: AsyncIterator<string>
let url: string

/** Goes on to the line of output that fits. */
async function until(pattern: RegExp): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done) throw new Error(`startd ended before ${String(pattern)}`)
    const found = pattern.exec(value)
    if (found) return found[1] ?? ''
  }
}

async function call<T>(method: string, params: unknown): Promise<T> {
  const secret = await readFile(join(world.place.dataDir, 'run/rpc.authcookie'), 'utf8')
  const response = await fetch(`${url}/rpc/v1`, {
    method: 'POST',
    body: JSON.stringify({ id: 1, method, params }),
    headers: { cookie: `local=${secret.trim()}` },
  })
  const answer = (await response.json()) as { result: T; error?: unknown }
  if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`)
  return answer.result
}

const probe = async () =>
  (await call<{ value: PublicModel['packageData'] }>('db.dump', { pointer: '/public/packageData' })).value[
    'probe'
  ]

beforeAll(async () => {
  world = await openWorld()
  const { dataDir, rootfs, helper, runtime } = world.place
  const flags = { data: dataDir, port: '0', rootfs, helper, runtime, 'ssh-keys': 'none' }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  startd = spawn(process.execPath, [DAEMON, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  lines = createInterface({ input: startd.stdout ?? process.stdin })[Symbol.asyncIterator]()
  await until(/INFO waiting for the first visitor/)
  url = await until(/Open {2}(\S+)/)
  await call('setup.execute', { password: PASSWORD })
  await expectSettled()
  await call('setup.exit', {})
  await until(/INFO running/)
  const { upload, progress } = await call<{ upload: string; progress: string }>('package.sideload', {})
  const body = await readFile(await pack(world.scratch, { id: 'probe' }))
  await fetch(`${url}/rest/rpc/${upload}`, { method: 'POST', body })
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/rpc/${progress}`)
  await new Promise((done) => socket.addEventListener('close', done))
  await call('package.start', { id: 'probe' })
})
afterAll(async () => {
  startd.kill()
  if (startd.exitCode === null && startd.signalCode === null) await once(startd, 'exit')
  await world.dispose()
})

async function expectSettled(): Promise<void> {
  const { guid } = await call<{ guid?: string }>('setup.status', {})
  if (guid === undefined) return
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/rpc/${guid}`)
  await new Promise((done) => socket.addEventListener('close', done))
}

const started = () =>
  expect.poll(async () => (await probe())?.statusInfo.started, { timeout: 30_000 }).not.toBeNull()
const stats = async () => (await call<PackageStats>('package.stats', {}))['probe']

describe('a server that is told to start again', () => {
  it('stops its services, comes back as the same process, and runs them in new containers', async () => {
    await started()
    const before = await stats()
    expect(before?.processes).toBeGreaterThan(0)
    expect(before?.cpu_seconds).toBeGreaterThan(0)
    await call('server.restart', {})
    await until(/startd starts again/)
    url = await until(/Open {2}(\S+)/)
    await until(/INFO running/)
    expect(startd.exitCode).toBeNull()
    await started()
    await expect
      .poll(async () => (await stats())?.container_id, { timeout: 30_000 })
      .toMatch(/^[A-Z2-7]{32}$/)
    expect((await stats())?.container_id).not.toBe(before?.container_id)
    expect((await probe())?.statusInfo.desired).toEqual({ main: 'running' })
  })

  it('and to stop, ends once its services are down, with what was measured kept', async () => {
    await call('server.shutdown', {})
    await until(/startd and its services are stopped/)
    if (startd.exitCode === null) await once(startd, 'exit')
    expect(startd.exitCode).toBe(0)
    expect((await stat(join(world.place.dataDir, 'metrics/history'))).size).toBeGreaterThan(1000)
  })
})
