import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, truncate, copyFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Database, StatusInfo } from '@startd/base/model.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../src/cli/client.ts'
import { pack } from '../src/service/test/packages.ts'
import { openWorld, remains, type World } from '../src/service/test/world.ts'

const BIN = resolve(import.meta.dirname, '../src/bin')
const PASSWORD = 'correct horse battery staple'

interface Outcome {
  status: number | null
  stdout: string
  stderr: string
}

let world: World
let startd: ChildProcess
let url: string
let client: Client
let file: string

/** Starts the daemon as a program and waits until it serves. */
async function start(): Promise<void> {
  startd = spawn(process.execPath, [join(BIN, 'startd.ts'), ...flags('0')])
  const lines = createInterface({ input: startd.stdout ?? process.stdin })
  let [address, serves] = ['', false]
  for await (const line of lines) {
    if (line.includes('Open ')) address = line.trim().split(/\s+/)[1] ?? ''
    if (line.endsWith('INFO running') || line.includes('first visitor')) serves = true
    if (address !== '' && serves) break
  }
  url = address
  // Nobody reads on, and a full pipe would stop the daemon.
  startd.stdout?.resume()
  const local = (await readFile(join(world.place.dataDir, 'run/rpc.authcookie'), 'utf8')).trim()
  client = new Client({ host: url, cookiePath: '/nonexistent', local })
}

function flags(port: string): string[] {
  const { dataDir, rootfs, helper, runtime } = world.place
  return ['--data', dataDir, '--port', port, '--rootfs', rootfs, '--helper', helper, '--runtime', runtime]
}

function run(program: string, args: readonly string[], input = ''): Promise<Outcome> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: world.scratch,
    STARTD_DATA: world.place.dataDir,
    PASSWORD,
  }
  const child = spawn(process.execPath, [join(BIN, program), ...args], { env })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  child.stdin.end(input)
  return new Promise((done) => child.on('close', (status) => done({ status, stdout, stderr })))
}
const cli = (...args: string[]) => run('start-cli.ts', args)

/** The first status of the service that fits, as a browser would see it. */
async function status(fits: (status: StatusInfo) => boolean): Promise<StatusInfo> {
  const { dump, guid } = await client.call('db.subscribe', {
    pointer: '/public/packageData/probe/statusInfo',
  })
  if (fits(dump?.value as StatusInfo)) return dump?.value as StatusInfo
  for await (const _revision of client.follow(guid)) {
    const { value } = await client.call('db.dump', { pointer: '/public/packageData/probe/statusInfo' })
    if (fits(value as StatusInfo)) return value as StatusInfo
  }
  throw new Error('the stream has ended')
}

beforeAll(async () => {
  world = await openWorld()
  file = await pack(world.scratch, { id: 'probe' })
  await start()
})
afterAll(async () => {
  startd.kill()
  if (startd.exitCode === null) await once(startd, 'exit')
  await world.dispose()
})

describe('a server on this machine', () => {
  it('is set up from the command line', async () => {
    const { status: code, stdout } = await cli('setup', 'execute', '--name', 'Attic Server')
    expect([code, stdout]).toEqual([0, 'name on the network  attic-server\nneeds a restart      no\n'])
    await expect.poll(async () => (await cli('state')).stdout, { timeout: 20_000 }).toBe('running\n')
  })

  it('lets no second one near its data or its port', async () => {
    const second = await run('startd.ts', flags(new URL(url).port))
    expect([second.status, second.stderr]).toEqual([
      38,
      expect.stringContaining(`startd already runs for this data directory: open ${url}\n`),
    ])
    const elsewhere = flags(new URL(url).port)
    elsewhere[1] = join(world.scratch, 'other')
    const third = await run('startd.ts', elsewhere)
    expect([third.status, third.stderr]).toEqual([
      58,
      expect.stringContaining('Another program already uses port'),
    ])
  })

  it('refuses a damaged package and keeps nothing of it', async () => {
    const cut = join(world.scratch, 'cut.s9pk')
    await copyFile(file, cut)
    await truncate(cut, 100_000)
    const { status: code, stderr } = await cli('package', 'install', cut)
    expect(code).not.toBe(0)
    expect(stderr).not.toContain('Something went wrong')
    expect((await cli('package', 'list')).stdout).toContain('No services are installed')
    expect(await remains(world.place, 'probe')).toEqual([])
  })

  it('installs and starts a service', async () => {
    expect(await cli('package', 'install', file)).toMatchObject({ status: 0, stdout: '' })
    expect((await cli('package', 'list')).stdout).toMatch(/^probe +1\.0\.0:0 +stopped$/m)
    expect((await cli('package', 'start', 'probe')).status).toBe(0)
    const { health } = await status((now) => now.health['web']?.result === 'success')
    expect(health['web']).toMatchObject({ result: 'success' })
    expect((await cli('package', 'list')).stdout).toMatch(/^probe +1\.0\.0:0 +running$/m)
    expect(JSON.parse((await cli('package', 'list', '--format', 'json')).stdout)).toEqual([
      { id: 'probe', version: '1.0.0:0', status: 'installed' },
    ])
    const stats = (await cli('package', 'stats')).stdout
    expect(stats).toMatch(/^SERVICE +MEMORY +OF +PROCESSOR TIME/)
    expect(stats).toMatch(/^probe +\d+ MiB +[\d.]+ GiB /m)
  })

  it('runs its actions, asking for the form first', async () => {
    const greeted = await cli('package', 'action', 'run', 'probe', 'greet')
    expect(greeted).toMatchObject({ status: 0, stderr: '' })
    expect(greeted.stdout).toContain('secret')
    const set = await run('start-cli.ts', ['package', 'action', 'run', 'probe', 'set-name'], '{"name":"Ada"}')
    expect([set.status, set.stderr]).toEqual([0, ''])
    const form = await cli('package', 'action', 'get-input', 'probe', 'set-name', '--format', 'json')
    expect(JSON.parse(form.stdout)).toMatchObject({ value: { name: 'Ada' } })
    expect((await cli('package', 'action', 'run', 'probe', 'nothing')).status).not.toBe(0)
  })

  it('gives the files of the package to those who have logged in', async () => {
    const { session } = await client.call('auth.login', { password: PASSWORD })
    const get = (path: string, cookie: string) =>
      fetch(`${url}/s9pk/installed/probe.s9pk${path}`, { headers: { cookie } })
    const page = await get('/instructions.md', `session=${session}`)
    expect([page.status, await page.text()]).toEqual([200, 'Nothing to do.'])
    expect(page.headers.get('repr-digest')).toMatch(/^blake3=:[\w+/]{43}:$/)
    expect(page.headers.get('content-security-policy')).toContain('sandbox')
    expect((await get('/nothing', `session=${session}`)).status).toBe(404)
    expect((await get('/instructions.md', '')).status).toBe(401)
  })

  it('finds the running service again after it was killed', async () => {
    const before = await status(({ started }) => started !== null)
    startd.kill('SIGKILL')
    await once(startd, 'exit')
    await start()
    const after = await status((now) => now.health['web']?.result === 'success')
    expect(after.started).toBe(before.started)
  })

  it('leaves the service running when it is told to end', async () => {
    startd.kill('SIGTERM')
    const [code] = (await once(startd, 'exit')) as [number]
    expect(code).toBe(0)
    await start()
    expect(await status(({ started }) => started !== null)).toMatchObject({ desired: { main: 'running' } })
  })

  it('stops and removes it', async () => {
    expect((await cli('package', 'stop', 'probe')).status).toBe(0)
    await status(({ started }) => started === null)
    expect((await cli('package', 'uninstall', 'probe')).status).toBe(0)
    const gone = async () => ((await client.call('db.dump', {})).value as Database['public']).packageData
    await expect.poll(gone, { timeout: 20_000 }).toEqual({})
  })
})
