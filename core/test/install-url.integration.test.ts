import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MirrorServer } from '../src/s9pk/download/test/mirror-server.ts'
import { pack } from '../src/service/test/packages.ts'
import { openWorld, type World } from '../src/service/test/world.ts'

const BIN = resolve(import.meta.dirname, '../src/bin')

let world: World
let startd: ChildProcess
let file: Buffer

async function cli(...args: string[]) {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: world.scratch,
    STARTD_DATA: world.place.dataDir,
    PASSWORD: 'correct horse battery staple',
  }
  const child = spawn(process.execPath, [join(BIN, 'start-cli.ts'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  const [, stderr] = await Promise.all([buffer(child.stdout), text(child.stderr)])
  const [status] = (await ended) as [number | null]
  return { status, stderr }
}

beforeAll(async () => {
  world = await openWorld()
  file = await readFile(await pack(world.scratch, { id: 'probe' }))
  const { dataDir, rootfs, helper, runtime } = world.place
  const places = ['--data', dataDir, '--rootfs', rootfs, '--helper', helper, '--runtime', runtime]
  startd = spawn(process.execPath, [join(BIN, 'startd.ts'), '--port', '0', ...places])
  const lines = createInterface({ input: startd.stdout! })[Symbol.asyncIterator]()
  const said = async (text: string) => {
    for (let line = await lines.next(); !line.done; line = await lines.next())
      if (line.value.includes(text)) return
  }
  await said('first visitor')
  expect(await cli('setup', 'execute', '--name', 'Attic Server')).toMatchObject({ status: 0 })
  await said('INFO running')
  startd.stdout?.resume()
})
afterAll(async () => {
  startd.kill()
  if (startd.exitCode === null) await once(startd, 'exit')
  await world.dispose()
})

describe('start-cli package install', () => {
  it('tells whole and plainly why a web address is of no use', async () => {
    await using server = await MirrorServer.serve(file, { status: () => 404 })
    const { status, stderr } = await cli('package', 'install', server.url)
    expect(status).toBe(9)
    expect(stderr).toMatch(/127\.0\.0\.1:\d+ has no file at this address \(HTTP 404\)/)
    await using page = await MirrorServer.serve(Buffer.from('<!doctype html>'))
    expect(await cli('package', 'install', page.url)).toMatchObject({
      status: 18,
      stderr: expect.stringContaining('this is not a package') as string,
    })
  })

  it('installs from the first web address that serves', async () => {
    await using broken = await MirrorServer.serve(file, { status: () => 404 })
    await using server = await MirrorServer.serve(file)
    expect(await cli('package', 'install', broken.url, server.url)).toMatchObject({ status: 0 })
    expect((await cli('package', 'installed-version', 'probe')).status).toBe(0)
    expect((await cli('package', 'uninstall', 'probe')).status).toBe(0)
  })
})
