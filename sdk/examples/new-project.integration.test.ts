import { mkdtemp, rm } from 'node:fs/promises'
import { machine, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestServer } from './test/server.ts'

const START_CLI = join(import.meta.dirname, '../../core/src/bin/start-cli.ts')

describe('a project that was just begun', () => {
  let world: string
  let server: TestServer

  beforeAll(async () => {
    world = await mkdtemp(join(tmpdir(), 'new-project-'))
    server = await TestServer.create()
  }, 300_000)
  afterAll(async () => {
    await rm(world, { recursive: true, force: true })
    await server?.[Symbol.asyncDispose]()
  }, 60_000)

  const tool = (...args: string[]) =>
    execa(process.execPath, [START_CLI, ...args], { cwd: world, env: { HOME: world }, stdin: 'ignore' })

  it('passes the type check, is packed, and runs as it is', async () => {
    await tool('init-key')
    await tool('s9pk', 'init', 'my-pages', '--title', "Ada's Pages")
    const { stdout } = await execa('tsc', ['-p', join(world, 'my-pages')], {
      preferLocal: true,
      reject: false,
    })
    expect(stdout).toBe('')
    const packed = await tool('s9pk', 'pack', 'my-pages', '--arch', machine())
    expect(packed.stdout).toBe(join(world, 'my-pages/my-pages.s9pk'))
    await server.cli(['package', 'install', packed.stdout])
    await server.cli(['package', 'start', 'my-pages'])
    await server.until('my-pages', ({ statusInfo }) => statusInfo.health['web']?.result === 'success')
    const address = await server.address('my-pages', 'main', 8080)
    expect(await (await fetch(address)).text()).toBe("<h1>Ada's Pages</h1>\n")
  })
})
