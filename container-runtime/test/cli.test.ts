import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildRuntime } from '../build.ts'
import { RecordingHost, Refusal } from './support/host.ts'

let dir: string
let host: RecordingHost

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'startd-cli-'))
  await buildRuntime(dir)
  host = new RecordingHost(join(dir, 'host.sock'))
  await host.listen()
})

afterAll(async () => {
  await host.vanish()
  await rm(dir, { recursive: true })
})

beforeEach(() => {
  host.calls.length = 0
})

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const argv = [join(dir, 'cli.js'), '--socket', join(dir, 'host.sock'), ...args]
  return new Promise((resolve) =>
    execFile(process.execPath, argv, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    ),
  )
}

describe('start-container’s questions to the host', () => {
  it('send one call and print what the command says', async () => {
    host.answers['echo'] = ({ message }) => message
    host.answers['subcontainer.create-fs'] = () => ['/media/startos/subcontainers/G', 'G']
    expect(await run('echo', 'hello')).toEqual({ code: 0, stdout: 'hello\n', stderr: '' })
    expect((await run('subcontainer', 'create-fs', 'main', 'mine')).stdout).toBe(
      '/media/startos/subcontainers/G\n',
    )
    expect((await run('get-data-version')).stdout).toBe('N/A\n')
    expect((await run('get-status', 'other')).stdout).toBe('')
    expect(host.calls.map(({ id, method, params }) => [id, method, params])).toEqual([
      [0, 'echo', { message: 'hello' }],
      [0, 'subcontainer.create-fs', { imageId: 'main', name: 'mine' }],
      [0, 'get-data-version', {}],
      [0, 'get-status', { packageId: 'other' }],
    ])
  })

  it('read dependencies in the short form', async () => {
    await run('set-dependencies', 'a:exists', 'b', 'c:r:web+db')
    expect(host.of('set-dependencies')).toEqual([
      {
        dependencies: [
          { kind: 'exists', id: 'a', versionRange: '*' },
          { kind: 'running', id: 'b', versionRange: '*', healthChecks: [] },
          { kind: 'running', id: 'c', versionRange: '*', healthChecks: ['web', 'db'] },
        ],
      },
    ])
    expect(await run('set-dependencies', 'a:often')).toMatchObject({
      code: 2,
      stderr: 'unknown dependency kind often\n',
    })
  })

  it('show an action’s result as text or as JSON', async () => {
    const single = { type: 'single', value: 'secret', copyable: true, qr: false, masked: true }
    const result = {
      version: '1',
      title: 'Login',
      message: 'Keep it.',
      result: { type: 'group', value: [{ name: 'Password', description: null, ...single }] },
    }
    host.answers['action.run'] = () => result
    expect((await run('action', 'run', '-p', 'other', 'show', '{"a":1}')).stdout).toBe(
      'Login\nKeep it.\nPassword: secret\n',
    )
    expect(JSON.parse((await run('action', 'run', 'show', '--format', 'json')).stdout)).toEqual(result)
    expect(host.of('action.run')).toEqual([
      { packageId: 'other', actionId: 'show', input: { a: 1 } },
      { packageId: null, actionId: 'show', input: null },
    ])
  })

  it('end with the host’s error number, and say what is wrong with a command', async () => {
    host.answers['restart'] = () => {
      throw new Refusal({ code: 38, message: 'This cannot be done', data: { details: 'not now' } })
    }
    expect(await run('restart')).toEqual({ code: 38, stdout: '', stderr: 'This cannot be done: not now\n' })
    expect(await run('echo')).toMatchObject({ code: 2, stderr: 'MESSAGE is missing\n' })
    const unknown = await run('fly')
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('start-container set-data-version'),
    ])
    expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: ') })
  })

  it('say so when nobody listens', async () => {
    const { code, stderr } = await run('--socket', join(dir, 'nowhere.sock'), 'restart')
    expect([code, stderr]).toEqual([2, expect.stringContaining('nowhere.sock')])
  })
})
