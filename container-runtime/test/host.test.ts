import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HostConnection } from '../src/host.ts'
import { RecordingHost, Refusal, SILENCE } from './support/host.ts'

let dir: string
let host: RecordingHost
let connection: HostConnection
const onReturn = vi.fn()
let awaited = false

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'startd-host-'))
  host = new RecordingHost(join(dir, 'host.sock'))
  onReturn.mockClear()
  awaited = false
  connection = new HostConnection(join(dir, 'host.sock'), {
    onReturn,
    isAwaited: () => awaited,
    patience: 300,
  })
})

afterEach(async () => {
  connection.close()
  await host.vanish()
  await rm(dir, { recursive: true })
})

describe('the connection to the host', () => {
  it('carries many calls at once and takes answers in any order', async () => {
    await host.listen()
    let release = (): void => {}
    host.answers['get-os-ip'] = () => new Promise<string>((resolve) => (release = () => resolve('10.0.3.1')))
    host.answers['echo'] = ({ message }) => message
    const slow = connection.call('get-os-ip', {})
    await expect(connection.call('echo', { message: 'x'.repeat(1 << 20) })).resolves.toHaveLength(1 << 20)
    release()
    await expect(slow).resolves.toBe('10.0.3.1')
    expect(host.calls.map((call) => call.connection)).toEqual([0, 0])
  })

  it('turns a refusal into an error that names message, details, debug text and method', async () => {
    await host.listen()
    host.answers['bind'] = () => {
      throw new Refusal({
        code: 38,
        message: 'This cannot be done',
        data: { details: 'port 0', debug: 'trace' },
      })
    }
    host.answers['echo'] = () => {
      throw new Refusal({ code: -32602, message: 'Invalid params', data: 'missing message' })
    }
    await expect(connection.call('bind', {})).rejects.toMatchObject({
      message: 'This cannot be done: port 0\ntrace@bind',
      code: 38,
    })
    await expect(connection.call('echo', {})).rejects.toThrow('Invalid params: missing message@echo')
  })

  it('waits for a host that is not there yet', async () => {
    const call = connection.call('subcontainer.create-fs', { imageId: 'main', name: null })
    host.answers['subcontainer.create-fs'] = () => ['/media/startos/subcontainers/A', 'A']
    await host.listen()
    await expect(call).resolves.toEqual(['/media/startos/subcontainers/A', 'A'])
  })

  it('gives up waiting after its patience where a call must not be repeated', async () => {
    await expect(connection.call('restart', {})).rejects.toThrow('could not be reached')
  })

  it('sends a read or a report again when the host died before it answered', async () => {
    await host.listen()
    host.answers['set-health'] = () => SILENCE
    const report = connection.call('set-health', { id: 'web', result: 'success' })
    await host.seen('set-health')
    await host.vanish()
    host.answers['set-health'] = () => null
    await host.listen()
    await expect(report).resolves.toBeNull()
    expect(host.of('set-health')).toHaveLength(2)
  })

  it('never sends a call again that could do a thing twice', async () => {
    await host.listen()
    host.answers['action.run'] = () => SILENCE
    const run = connection.call('action.run', { actionId: 'a' })
    const refused = expect(run).rejects.toThrow('the server stopped before it answered')
    await host.seen('action.run')
    await host.vanish()
    await refused
    await host.listen()
    await connection.call('echo', { message: 'still here' })
    expect(host.methods()).toEqual(['action.run', 'echo'])
  })

  it('comes back by itself while something is watched, and says so', async () => {
    await host.listen()
    await connection.call('get-status', { callback: 1 })
    awaited = true
    await host.vanish()
    await host.listen()
    await vi.waitFor(() => expect(onReturn).toHaveBeenCalledOnce())
  })

  it('keeps quiet when nothing waits', async () => {
    await host.listen()
    await connection.call('get-os-ip', {})
    await host.vanish()
    await host.listen()
    await connection.call('get-os-ip', {})
    expect(host.calls.map((call) => call.connection)).toEqual([0, 1])
  })
})
