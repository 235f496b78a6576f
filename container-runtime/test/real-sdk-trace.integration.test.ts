import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { busyboxRoot, likeAContainer } from './support/namespace.ts'
import { realSdkBundle } from './support/real-sdk-package.ts'
import { RuntimeWorld } from './support/runtime.ts'

const GUID = 'A'.repeat(32)

describe('what the published SDK asks of the host', () => {
  let bundle: string
  let world: RuntimeWorld
  let version: string | null

  beforeAll(async () => {
    bundle = await realSdkBundle()
  })

  afterEach(() => world[Symbol.asyncDispose]())

  async function start(dataVersion: string | null): Promise<void> {
    world = await RuntimeWorld.start(null, { packageDir: bundle, wrapper: likeAContainer })
    version = dataVersion
    world.host.answers['get-data-version'] = () => version
    world.host.answers['set-data-version'] = (params) => {
      version = params['version'] as string | null
      return null
    }
    world.host.answers['subcontainer.create-fs'] = async () => {
      const root = join(world.dir, 'subcontainer')
      await busyboxRoot(root)
      return [root, GUID]
    }
  }

  it('at install: versions, ports, interface, dependencies, actions, task, in this order', async () => {
    await start(null)
    expect(await world.call('init', { id: 'install-1', kind: 'install' })).toMatchObject({ result: null })
    expect(world.host.methods().filter((method) => method !== 'set-init-progress')).toEqual([
      'get-data-version',
      'set-data-version',
      'bind',
      'export-service-interface',
      'clear-bindings',
      'clear-service-interfaces',
      'set-dependencies',
      'action.export',
      'action.export',
      'action.clear',
      'action.create-task',
    ])
    expect(world.host.calls.every(({ params }) => params['eventId'] === 'install-1')).toBe(true)
    expect(world.host.of('bind')).toMatchObject([
      {
        id: 'main',
        internalPort: 8080,
        preferredExternalPort: 80,
        addSsl: {
          addXForwardedHeaders: true,
          preferredExternalPort: 443,
          scheme: 'https',
          alpn: { specified: ['http/1.1'] },
          auth: null,
        },
        secure: null,
      },
    ])
    expect(world.host.of('clear-bindings')).toMatchObject([{ except: [{ id: 'main', internalPort: 8080 }] }])
    expect(world.host.of('action.create-task')).toMatchObject([
      {
        replayId: 'greeter:set-greeting',
        severity: 'critical',
        packageId: 'greeter',
        actionId: 'set-greeting',
      },
    ])
    expect(version).toBe('1.1.0:0')
  })

  it('at start and stop: a subcontainer, health until success, and the subcontainer given back', async () => {
    await start(null)
    await world.call('init', { id: 'a', kind: 'install' })
    expect(await world.call('start')).toMatchObject({ result: null })
    await world.host.seen('set-health', ({ result }) => result === 'success')
    expect(world.host.of('set-health').map(({ result }) => result)).toEqual(
      expect.arrayContaining(['waiting', 'starting', 'success']),
    )
    expect(world.host.of('subcontainer.create-fs')).toEqual([{ imageId: 'web', name: 'web' }])
    expect(await world.call('stop')).toMatchObject({ result: null })
    expect(world.host.of('subcontainer.destroy-fs')).toEqual([{ guid: GUID }])
  })

  it('reports health again after the host was killed and came back', async () => {
    await start(null)
    await world.call('init', { id: 'a', kind: 'install' })
    const stuck = world.host.seen('set-health', ({ result }) => result === 'starting')
    world.host.answers['set-health'] = ({ result }) => (result === 'starting' ? new Promise(() => {}) : null)
    const started = world.call('start')
    await stuck
    await world.host.vanish()
    world.host.answers['set-health'] = () => null
    await world.host.listen()
    expect(await started).toMatchObject({ result: null })
    await world.host.seen('set-health', ({ result }) => result === 'success')
    await world.call('stop')
  })

  it('for actions: a form and its run under one event id, refused without the form or with wrong types', async () => {
    await start(null)
    await world.call('init', { id: 'a', kind: 'install' })
    const input = { name: 'Ada', times: 2, loud: true, language: 'de' }
    const run = (event: string, given: unknown) =>
      world.execute('/actions/set-greeting/run', { input: given }, event)
    expect((await run('form-1', input)).error?.message).toContain(
      'getActionInput has not been called for EventID',
    )
    const form = await world.execute('/actions/set-greeting/getInput', { prefill: null }, 'form-1')
    expect(form.result).toMatchObject({ eventId: 'form-1', value: { name: 'World' } })
    expect((await run('form-1', { ...input, times: 'two' })).error?.code).toBe(0)
    expect(await run('form-1', input)).toMatchObject({ result: null })
    const again = await world.execute('/actions/set-greeting/getInput', { prefill: null }, 'form-2')
    expect(again.result).toMatchObject({ value: input })
    expect(await world.execute('/actions/show-token/run', { input: null })).toMatchObject({
      result: { version: '1', result: { type: 'single', masked: true } },
    })
  })

  it('at update: data goes up at init', async () => {
    await start('1.0.0:1')
    await world.call('init', { id: 'a', kind: 'update' })
    expect(version).toBe('1.1.0:0')
    expect(world.host.of('action.create-task')).toEqual([])
  })

  it.each([
    ['1.0.0:1', '1.0.0:1'],
    ['<=1.0.0:1', '1.0.0:1'],
    ['>=1.0:0 && <1.1:0', '1.0.0:1'],
    ['=1.0.0:1 || #other', '1.0.0:1'],
    ['>=1.1:0', '1.1.0:0'],
    ['1.1.0:0', '1.1.0:0'],
    ['<1.0:0', '<1.0.0:1'],
    ['0.9:0', '<1.0.0:1'],
  ])('at exit for %s: data goes to %s', async (target, reached) => {
    await start('1.1.0:0')
    await world.call('init', { id: 'a', kind: null })
    expect(await world.call('exit', { id: 'b', target })).toMatchObject({ result: null })
    expect(await world.exited()).toBe(0)
    expect(version).toBe(reached)
  })

  it.each(['2.0:0', '>=2:0', '#other:1.0:0', '!'])(
    'refuses to exit for %s, to which there is no way',
    async (target) => {
      await start('1.1.0:0')
      await world.call('init', { id: 'a', kind: null })
      expect((await world.call('exit', { id: 'b', target })).error?.data?.details).toMatch(
        /cannot migrate|unsatisfiable/,
      )
      expect(await world.call('stop')).toMatchObject({ result: null })
    },
  )

  it('at uninstall and shutdown: forgets the data version, or keeps it', async () => {
    await start('1.1.0:0')
    await world.call('init', { id: 'a', kind: null })
    expect(await world.call('exit', { id: 'b', target: null })).toMatchObject({ result: null })
    expect(version).toBeNull()
    await world[Symbol.asyncDispose]()
    await start('1.1.0:0')
    await world.call('init', { id: 'a', kind: null })
    expect(await world.call('exit', { id: 'b', target: '1.1.0:0' })).toMatchObject({ result: null })
    expect(version).toBe('1.1.0:0')
  })
})
