import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { busyboxRoot, likeAContainer } from '../../../container-runtime/test/support/namespace.ts'
import { Refusal } from '../../../container-runtime/test/support/host.ts'
import { RuntimeWorld } from '../../../container-runtime/test/support/runtime.ts'
import { bundlePackage } from '../build.ts'

const CACHE = join(import.meta.dirname, '../../../.cache')

/** A package whose actions do what their input says in a subcontainer of its image, and answer what came of it. */
const PACKAGE = `
import { Action, Actions, Mounts, SubContainer } from '@startd/sdk'
const metadata = { name: '', description: '', warning: null, visibility: 'enabled', allowedStatuses: 'any', group: null }
const mounts = Mounts.of()
  .mountVolume({ volumeId: 'main', subpath: 'files', mountpoint: '/files', readonly: false })
  .mountVolume({ volumeId: 'main', subpath: 'files', mountpoint: '/same', readonly: true })
  .mountVolume({ volumeId: 'main', subpath: 'one.conf', mountpoint: '/etc/one.conf', readonly: false, type: 'file' })
const action = (id, run) => Action.withoutInput(id, metadata, async (options) => {
  const message = JSON.stringify(await run(options).catch((error) => ({ error: error.message })))
  return { version: '1', title: '', message, result: null }
})
const temporary = (id, use) =>
  action(id, ({ effects }) => SubContainer.withTemp(effects, { imageId: 'web' }, mounts, id, use))
let lazy = null
export const actions = Actions.of()
  .addAction(temporary('commands', async (box) => [
    (await box.exec(['busybox', 'cat'], { input: 'given' })).stdout,
    (await box.exec('echo $WHO; pwd; id -u', { env: { WHO: 'me', NOT: undefined }, cwd: '/tmp', user: 'web' })).stdout,
    (await box.exec(['sh', '-c', 'exit 3'])).exitCode,
    (await box.exec(['busybox', 'sleep', '1000'], { timeout: 100 })).exitSignal,
    await box.execFail(['sh', '-c', 'echo why >&2; exit 4']).catch((error) => error.message),
    (await box.exec(['busybox', 'head', '-c', '3000000', '/dev/zero'])).stdout.length,
  ]))
  .addAction(temporary('files', async (box) => {
    await box.writeFile('/deep/down/file', 'text')
    return [
      (await box.exec(['busybox', 'cat', '/deep/down/file'])).stdout,
      (await box.exec('echo kept > /files/note; cat /same/note; (echo more > /same/note) 2>/dev/null || echo refused')).stdout,
      (await box.exec('echo x >> /etc/one.conf; cat /etc/one.conf')).stdout,
    ]
  }))
  .addAction(temporary('leader', async (box) => {
    const child = await box.launch(['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.05; done'])
    const first = (await box.exec('cat /proc/1/comm')).stdout.trim()
    return [first, child.exitCode]
  }))
  .addAction(action('lazy', async ({ effects }) => {
    lazy ??= SubContainer.of(effects.child('kept'), { imageId: 'web' }, null, 'lazy')
    return (await lazy.exec(['busybox', 'echo', 'there'])).stdout
  }))
export const init = async ({ effects }) => actions.init(effects)
export const main = async () => ({ build: async () => ({ term: async () => {} }) })
export const uninit = async () => {}
export const createBackup = async () => {}
export const manifest = {}
`

let project: string
let world: RuntimeWorld
let made: string[]

beforeAll(async () => {
  await mkdir(CACHE, { recursive: true })
  project = await mkdtemp(join(CACHE, 'subcontainer-'))
  await mkdir(join(project, 'startos'))
  await writeFile(join(project, 'startos/index.ts'), PACKAGE)
  await bundlePackage(project)
})
afterAll(() => rm(project, { recursive: true, force: true }))

beforeEach(async () => {
  made = []
  world = await RuntimeWorld.start(null, { packageDir: join(project, 'javascript'), wrapper: likeAContainer })
  world.host.answers['subcontainer.create-fs'] = async () => {
    const root = join(world.dir, `box-${made.length}`)
    await busyboxRoot(root)
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nweb:x:33:33::/:/bin/sh\n')
    made.push(root)
    return [root, String.fromCharCode(65 + made.length).repeat(32)]
  }
  expect(await world.call('init', { id: 'init', kind: null })).toMatchObject({ result: null })
})
afterEach(() => world[Symbol.asyncDispose]())

async function run(id: string): Promise<unknown> {
  const { result, error } = await world.execute(`/actions/${id}/run`, { input: null })
  if (error) throw new Error(error.data?.details ?? error.message)
  return JSON.parse((result as { message: string }).message)
}

describe('a subcontainer', () => {
  it('runs commands with input, environment, directory, user and time limit', async () => {
    expect(await run('commands')).toEqual([
      'given',
      'me\n/tmp\n33\n',
      3,
      'SIGTERM',
      expect.stringMatching(/exited with code 4: why$/),
      3_000_000,
    ])
    expect(world.host.of('subcontainer.destroy-fs')).toMatchObject([{ guid: 'B'.repeat(32) }])
  })

  it('has its files and mounts, read-only where asked', async () => {
    expect(await run('files')).toEqual(['text', 'kept\nrefused\n', 'x\n'])
    expect(await run('files')).toEqual(['text', 'kept\nrefused\n', 'x\nx\n'])
  })

  it('can have a command as its first process', async () => {
    expect(await run('leader')).toEqual(['sh', null])
  })

  it('is tried again after it could not be made', async () => {
    const answer = world.host.answers['subcontainer.create-fs']!
    world.host.answers['subcontainer.create-fs'] = () => {
      throw new Refusal({ code: 6, message: 'Not found', data: { details: 'no such image', debug: '' } })
    }
    expect(await run('lazy')).toMatchObject({ error: expect.stringContaining('no such image') })
    world.host.answers['subcontainer.create-fs'] = answer
    expect(await run('lazy')).toBe('there\n')
    expect(await run('lazy')).toBe('there\n')
    expect(made).toHaveLength(1)
  })

  it('leaves no process behind', async () => {
    await run('commands')
    const entries = await readdir('/proc')
    const roots = await Promise.all(entries.filter((name) => /^\d+$/.test(name)).map(commandOf))
    expect(
      roots.filter((command) => command.includes(world.dir) && command.includes('subcontainer')),
    ).toEqual([])
  })
})

async function commandOf(pid: string): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
}
