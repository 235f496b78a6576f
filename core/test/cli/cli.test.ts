import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CONTRACT } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { buildProgram } from '../../src/cli/program.ts'
import { PASSWORD, World } from '../api/world.ts'

const CLI = resolve(import.meta.dirname, '../../src/bin/start-cli.ts')

interface Outcome {
  status: number | null
  stdout: string
  stderr: string
}

let world: World
let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'startd-home-'))
  world = await World.running()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await rm(home, { recursive: true })
})

/** Runs the program as a user would, on the machine of the server. */
function cli(
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<Outcome> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, STARTD_DATA: world.data, ...options.env }
  const child = spawn(process.execPath, [CLI, ...args], { env })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  child.stdin.end(options.input ?? '')
  return new Promise((done) => child.on('close', (status) => done({ status, stdout, stderr })))
}

/** As from another machine: no secret file, only the address. */
const away = { env: { STARTD_DATA: '/nonexistent' } }
const remote = (...args: string[]) => ['--host', world.daemon.url, ...args]

describe('the command tree', () => {
  const find = (program: Command, words: string[]) =>
    words.reduce<Command | undefined>(
      (at, word) => at?.commands.find((child) => child.name() === word),
      program,
    )
  let program: Command
  beforeAll(async () => {
    program = await buildProgram('1', () => undefined)
  })
  const shown = Object.entries<MethodDefinition>(CONTRACT).filter(([, { cli }]) => cli !== null)

  it.each(shown)('has %s with help and an example', (name, { summary, cli }) => {
    const command = find(program, name.split('.'))
    expect(command?.description()).toBe(summary)
    expect(cli?.examples?.length).toBeGreaterThan(0)
    for (const example of cli?.examples ?? []) expect(example).toContain(`start-cli`)
  })

  it('explains every group', () => {
    const groups = (command: Command): Command[] => [
      command,
      ...command.commands.filter((child) => child.commands.length > 0).flatMap(groups),
    ]
    for (const group of groups(program))
      expect([group.name(), group.description()]).not.toEqual([group.name(), ''])
  })
})

describe('on the machine of the server', () => {
  it('needs no login and no address', async () => {
    const { status, stdout, stderr } = await cli(['server', 'time', '--format', 'json'])
    expect([status, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toHaveProperty('uptime')
  })

  it('keeps the secret from a program on another port', async () => {
    const other = await World.running()
    const { status, stderr } = await cli(['--host', other.daemon.url, 'server', 'time'])
    expect([status, stderr]).toEqual([
      34,
      expect.stringMatching(/^Not logged in: Log in first\n.*“start-cli auth login”/),
    ])
    await other[Symbol.asyncDispose]()
  })
})

describe('results', () => {
  it('are plain text where they are text', async () => {
    expect((await cli(['echo', 'hello'])).stdout).toBe('hello\n')
    expect((await cli(['state'])).stdout).toBe('running\n')
  })

  it('are tables by default and data on request', async () => {
    await cli(['notification', 'create', 'info', 'Title', 'First line\nsecond'])
    expect((await cli(['notification', 'list'])).stdout).toMatch(
      /^ID +WHEN +LEVEL.*\n 0 {2}just now +info +- +Title +First line second\n$/,
    )
    const json = JSON.parse((await cli(['notification', 'list', '--format', 'json'])).stdout) as unknown
    expect(parse((await cli(['--format', 'yaml', 'notification', 'list'])).stdout)).toEqual(json)
    expect((await cli(['package', 'list'])).stdout).toMatch(/^No services are installed/)
    expect((await cli(['auth', 'session', 'list'])).stdout).toMatch(
      /^ID +LOGGED IN +LAST ACTIVE +WITH\n\w{52} +just now /,
    )
  })

  it('are nothing where there is nothing to say', async () => {
    expect(await cli(['db', 'put', 'ui', '/snakeHighScore', '12'])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
    const { stdout } = await cli(['db', 'dump', '--pointer', '/public/ui/snakeHighScore', '--format', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ value: 12 })
  })

  it('of logs are lines', async () => {
    const { stdout } = await cli(['server', 'logs', '--limit', '1'])
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z INFO running\n$/)
  })
})

describe('a command that fails', () => {
  it.each([
    [['package', 'lost'], 2],
    [['package', 'start'], 2],
    [['echo', 'a', '--format', 'xml'], 2],
    [['notification', 'mark-seen', 'x'], 2],
    [['db', 'put', 'ui', '/a', 'no json'], 2],
    [['notification', 'mark-seen', '99'], 6],
    [['setup', 'status'], 167],
    [['db', 'dump', '--pointer', 'x'], 166],
    [['package', 'install', './nothing.s9pk'], 6],
    [['package', 'install'], 38],
    [['--host', 'http://127.0.0.1:1', 'state'], 9],
    [['--host', 'not an address', 'state'], 19],
    [['server', 'logs', '-f', '-c', 'x'], 38],
    [['auth', 'reset-password'], 38],
  ])('%j ends with status %i and says why on standard error', async (args, status) => {
    const outcome = await cli(args)
    expect([outcome.status, outcome.stdout]).toEqual([status, ''])
    expect(outcome.stderr).not.toBe('')
  })

  it.each([['package', 'list'], ['state'], ['echo', 'hello']])(
    'says that the server is not set up, when that is why: %s',
    async (...args) => {
      await using fresh = await World.create()
      const { status, stderr } = await cli(['--host', fresh.daemon.url, ...args])
      expect(stderr).toMatch(/^This server is not set up yet: open its page in a browser first/)
      expect(status).toBe(167)
    },
  )

  it('asks for help without failing', async () => {
    expect((await cli(['package', 'logs', '--help'])).status).toBe(0)
    expect((await cli(['--version'])).status).toBe(0)
  })
})

describe('from another machine', () => {
  it('logs in once and keeps the login where only the user can read it', async () => {
    expect((await cli(remote('server', 'time'), away)).status).toBe(34)
    const wrong = await cli(remote('auth', 'login'), { env: { ...away.env, PASSWORD: 'wrong' } })
    expect([wrong.status, wrong.stderr]).toEqual([
      7,
      'Wrong password: This is not the password of this server\n',
    ])
    expect((await cli(remote('auth', 'login'), { env: { ...away.env, PASSWORD } })).status).toBe(0)
    expect((await stat(join(home, '.startos/.cookies.json'))).mode & 0o777).toBe(0o600)
    expect((await cli(remote('server', 'time'), away)).status).toBe(0)
    expect((await cli(remote('auth', 'logout'), away)).status).toBe(0)
    expect((await cli(remote('server', 'time'), away)).status).toBe(34)
  })

  it('loses no login when two commands store theirs at once', async () => {
    const other = await World.running()
    const env = { ...away.env, PASSWORD }
    await Promise.all([
      cli(remote('auth', 'login'), { env }),
      cli(['--host', other.daemon.url, 'auth', 'login'], { env }),
    ])
    const jar = JSON.parse(await readFile(join(home, '.startos/.cookies.json'), 'utf8')) as object
    expect(Object.keys(jar).sort()).toEqual([world.daemon.url, other.daemon.url].sort())
    await other[Symbol.asyncDispose]()
  })

  it('takes the address from a configuration file, and the flag before it', async () => {
    const config = join(home, 'config.yaml')
    await writeFile(config, `host: ${world.daemon.url}\n`)
    expect((await cli(['--config', config, 'state'], away)).stdout).toBe('running\n')
    expect((await cli(['--config', config, '-H', 'http://127.0.0.1:1', 'state'], away)).status).toBe(9)
    expect((await cli(['--config', join(home, 'none.yaml'), 'state'], away)).status).toBe(2)
  })
})

describe('installing from a file', () => {
  it('uploads it and waits for the end', async () => {
    const file = join(home, 'good.s9pk')
    await writeFile(file, 'x'.repeat(2_000_000))
    const before = world.services.installed.length
    expect(await cli(['package', 'install', file])).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Uploading: done\n',
    })
    expect((await cli(['package', 'install', '-s', file])).status).toBe(0)
    expect(world.services.installed.length).toBe(before + 2)
  })

  it('ends with the error of the install', async () => {
    const file = join(home, 'bad.s9pk')
    await writeFile(file, Buffer.alloc(3_000_000))
    const { status, stderr } = await cli(['package', 'install', file])
    expect([status, stderr]).toEqual([1, 'Something went wrong: not a package\n'])
  })
})
