import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD, World } from '../api/world.ts'
import { Front, makeCertificate } from './fronts.ts'
import { Person } from './run.ts'

let world: World
let person: Person
/** As from another machine: no secret of the server, only its address. */
beforeAll(async () => {
  world = await World.running()
  person = await Person.create({ STARTD_DATA: '/nonexistent' })
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})
const config = () => join(person.home, '.config/startd/config.yaml')

describe('saved servers', () => {
  it('are added, shown, used and removed, and what a person wrote into the file stays', async () => {
    expect((await person.cli(['remote', 'list'])).stdout).toMatch(/^ +NAME +ADDRESS\n\* +local/)
    expect(await person.cli(['remote', 'add', 'attic', world.daemon.url])).toMatchObject({
      status: 0,
      stderr: '',
    })
    await writeFile(config(), `# mine\n${await readFile(config(), 'utf8')}`)
    expect((await person.cli(['--server', 'attic', 'state'])).stdout).toBe('running\n')
    expect((await person.cli(['-H', 'attic', 'state'])).stdout).toBe('running\n')
    expect((await person.cli(['remote', 'use', 'attic'])).status).toBe(0)
    expect((await person.cli(['state'])).stdout).toBe('running\n')
    expect(JSON.parse((await person.cli(['remote', 'list', '--format', 'json'])).stdout)).toEqual([
      { name: 'attic', host: world.daemon.url, used: true },
    ])
    expect(await readFile(config(), 'utf8')).toMatch(/^# mine\nservers:/)
    expect((await person.cli(['remote', 'remove', 'attic'])).status).toBe(0)
    expect((await person.cli(['--server', 'attic', 'state'])).stderr).toMatch(/saved: none.*remote add/)
    expect((await person.cli(['remote', 'use', 'attic'])).status).toBe(6)
  })

  it.each([['local'], ['Attic'], ['a b'], ['../x'], ['']])('are not called “%s”', async (name) => {
    expect((await person.cli(['remote', 'add', name, 'http://127.0.0.1:1'])).status).toBe(38)
  })

  it('keep a login each', async () => {
    await using other = await World.running()
    await person.cli(['remote', 'add', 'one', world.daemon.url])
    await person.cli(['remote', 'add', 'two', other.daemon.url])
    const env = { PASSWORD }
    expect((await person.cli(['--server', 'one', 'auth', 'login'], { env })).status).toBe(0)
    expect((await person.cli(['--server', 'one', 'server', 'time'])).status).toBe(0)
    const { status, stderr } = await person.cli(['--server', 'two', 'server', 'time'])
    expect([status, stderr]).toEqual([34, expect.stringContaining('start-cli auth login')])
  })
})

describe('what counts', () => {
  const nowhere = 'http://127.0.0.1:1'

  it('is the flag, then the variable, then the file', async () => {
    const file = join(person.home, 'order.yaml')
    await writeFile(file, `host: ${nowhere}\n`)
    const status = async (args: string[], env: Record<string, string> = {}) =>
      (await person.cli([...args, 'state'], { env })).status
    expect(await status(['--config', file])).toBe(9)
    expect(await status([], { STARTD_CONFIG: file })).toBe(9)
    expect(await status(['--config', file], { STARTD_HOST: world.daemon.url })).toBe(0)
    expect(await status(['--host', nowhere], { STARTD_HOST: world.daemon.url })).toBe(9)
    expect(await status(['--config', file, '--data', world.data])).toBe(0)
    expect(await status(['--host', nowhere, '--server', 'one'])).toBe(38)
  })

  it('of the format too', async () => {
    const env = { STARTD_HOST: world.daemon.url, STARTD_FORMAT: 'json' }
    expect((await person.cli(['state'], { env })).stdout).toBe('"running"\n')
    expect((await person.cli(['--format', 'yaml', 'state'], { env })).stdout).toBe('running\n')
    expect((await person.cli(['state'], { env: { ...env, STARTD_FORMAT: 'xml' } })).status).toBe(38)
  })
})

describe('a server that does not answer', () => {
  it('is given up on after the time that was asked for', async () => {
    await using silent = await Front.silent()
    const host = `http://127.0.0.1:${silent.port}`
    const { status, stderr } = await person.cli(['--host', host, '--timeout', '300ms', 'state'])
    expect([status, stderr]).toEqual([71, expect.stringContaining('0.3 seconds')])
    expect((await person.cli(['--timeout', 'soon', 'state'])).status).toBe(38)
  })
})

describe('https', () => {
  it('trusts the authority that it is told to, and says what is wrong otherwise', async () => {
    const files = makeCertificate(person.home)
    await using front = await Front.tls(Number(new URL(world.daemon.url).port), files)
    const host = `https://localhost:${front.port}`
    const stranger = await person.cli(['--host', host, 'state'])
    expect([stranger.status, stranger.stderr]).toEqual([
      9,
      expect.stringMatching(/certificate.*\n.*--root-ca FILE/),
    ])
    expect(await person.cli(['--host', host, '--root-ca', files.certificate, 'state'])).toEqual({
      status: 0,
      stdout: 'running\n',
      stderr: '',
    })
    expect((await person.cli(['remote', 'add', 'safe', host, '--root-ca', files.certificate])).status).toBe(0)
    const env = { PASSWORD }
    expect((await person.cli(['--server', 'safe', 'auth', 'login'], { env })).status).toBe(0)
    // An upload and a stream go over connections of their own.
    const file = join(person.home, 'good.s9pk')
    await writeFile(file, 'x'.repeat(100_000))
    expect(await person.cli(['--server', 'safe', 'package', 'install', file])).toMatchObject({ status: 0 })
    const careless = await person.cli(['--host', host, '--insecure', 'state'])
    expect([careless.status, careless.stdout]).toEqual([0, 'running\n'])
    expect(careless.stderr).toMatch(/^Warning: the certificate of .* is not checked/)
    expect((await person.cli(['--host', host, '--root-ca', config(), 'state'])).status).toBe(60)
  })
})
