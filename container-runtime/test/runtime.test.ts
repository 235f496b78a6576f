import { afterEach, describe, expect, it } from 'vitest'
import { RuntimeWorld } from './support/runtime.ts'

/** A small package that reports through `echo` what it was asked; `parts` override its exports. */
function packageText(parts: Record<string, string> = {}): string {
  const exported = {
    init: `({effects, kind}) => effects.echo({message: 'init ' + kind})`,
    uninit: `({effects, target}) => effects.echo({message: 'uninit ' + target + ' ' + effects.isInContext})`,
    main: `async ({effects}) => ({ build: async () => {
      effects.onLeaveContext(() => void effects.echo({message: 'left main'}))
      await effects.echo({message: 'built'})
      return { term: () => effects.echo({message: 'ended'}) }
    }})`,
    createBackup: `({effects}) => effects.echo({message: 'backup'})`,
    actions: `{ get: (id) => id === 'shout' ? {
      getInput: async ({effects, prefill}) => ({eventId: effects.eventId, spec: {}, value: prefill}),
      run: async ({input}) => {
        if (input?.fail === 'error') throw new Error('no voice')
        if (input?.fail === 'object') throw {error: 'a chosen text', code: 38}
        return {version: '1', title: input.text.toUpperCase(), message: null, result: null}
      } } : undefined }`,
    ...parts,
  }
  return Object.entries(exported)
    .map(([name, code]) => `exports.${name} = ${code}\n`)
    .join('')
}

let world: RuntimeWorld
const start = async (source: string | null, options?: { host?: boolean }): Promise<RuntimeWorld> =>
  (world = await RuntimeWorld.start(source, options))
const said = (): unknown[] => world.host.of('echo').map(({ message }) => message)

afterEach(() => world[Symbol.asyncDispose]())

describe('the runtime’s life', () => {
  it('initialises, starts, stops, exits, and ends with 0 once the answer is out', async () => {
    await start(packageText())
    expect(await world.call('init', { id: 'e1', kind: 'install' })).toMatchObject({ result: null })
    expect(await world.call('start')).toMatchObject({ result: null })
    expect(await world.call('stop')).toMatchObject({ result: null })
    expect(await world.call('exit', { id: 'e2', target: '1.2:0' })).toMatchObject({ result: null })
    expect(await world.exited()).toBe(0)
    expect(said()).toEqual(['init install', 'built', 'left main', 'ended', 'uninit 1.2:0 false'])
    expect(world.host.calls.map(({ params }) => params['eventId'])).toEqual([
      'e1',
      undefined,
      undefined,
      undefined,
      'e2',
    ])
  })

  it('answers a version range and no target at exit, and stops main first', async () => {
    await start(packageText())
    await world.call('init', { id: 'e', kind: null })
    await world.call('start')
    await world.call('exit', { id: 'e', target: '>=1:0 && <2:0' })
    expect(said()).toEqual(['init null', 'built', 'left main', 'ended', 'uninit >=1:0 <2:0 false'])
  })

  it('does nothing on a second init or start, and joins one that is under way', async () => {
    await start(packageText())
    const both = await Promise.all([
      world.call('init', { id: 'a', kind: 'update' }),
      world.call('init', { id: 'b', kind: null }),
    ])
    expect(both).toMatchObject([{ result: null }, { result: null }])
    await world.call('init', { id: 'c', kind: null })
    await Promise.all([world.call('start'), world.call('start')])
    await world.call('start')
    // Each call comes on a connection of its own: which one is first is open.
    expect(said()).toEqual([expect.stringMatching(/^init (update|null)$/), 'built'])
  })

  it('may be initialised again after a failure', async () => {
    await start(
      packageText({ init: `({effects, kind}) => { if (kind === 'install') throw new Error('not yet') }` }),
    )
    const failed = await world.call('init', { id: 'a', kind: 'install' })
    expect(failed.error).toMatchObject({ code: 0, message: 'object', data: { details: 'Error: not yet' } })
    expect(failed.error?.data?.debug).toContain('at ')
    expect(world.output).toContain('Error: not yet\n    at ')
    expect(await world.call('init', { id: 'b', kind: null })).toMatchObject({ result: null })
  })

  it('starts anew after main failed', async () => {
    await start(packageText({ main: `() => { throw 'a plain text' }` }))
    await world.call('init', { id: 'a', kind: null })
    for (const _ of [1, 2]) {
      expect(await world.call('start')).toMatchObject({
        error: { code: 0, message: 'string', data: { details: 'a plain text', debug: '' } },
      })
    }
  })

  it('stays alive when told to exit before init', async () => {
    await start(packageText())
    expect(await world.call('exit', { id: 'e', target: null })).toMatchObject({ result: null })
    expect(await world.call('init', { id: 'e', kind: null })).toMatchObject({ result: null })
  })

  it('starts a new run only when the old daemons have ended', async () => {
    await start(
      packageText({
        main: `async ({effects}) => ({ build: async () => {
          await effects.echo({message: 'built'})
          return { term: async () => { await effects.echo({message: 'ending'}); await effects.echo({message: 'ended'}) } }
        }})`,
      }),
    )
    await world.call('init', { id: 'e', kind: null })
    await world.call('start')
    await Promise.all([
      world.call('stop'),
      world.host.seen('echo', (p) => p['message'] === 'ending').then(() => world.call('start')),
    ])
    expect(said()).toEqual(['init null', 'built', 'ending', 'ended', 'built'])
  })

  it('asks once for a restart when what main read has changed', async () => {
    await start(
      packageText({
        main: `async ({effects}) => {
          const again = effects.constRetry
          await effects.getSystemSmtp({ callback: again })
          await effects.getStatus({ callback: again })
          return { build: async () => ({ term: async () => {} }) }
        }`,
      }),
    )
    await world.call('init', { id: 'e', kind: null })
    await world.call('start')
    const ids = [...world.host.of('get-system-smtp'), ...world.host.of('get-status')].map(
      (p) => p['callback'],
    )
    expect(ids).toEqual([1, 2])
    const line = await world.connect()
    for (const id of ids)
      line.socket.write(`${JSON.stringify({ method: 'callback', params: { id, args: [] } })}\n`)
    await world.host.seen('restart')
    await world.call('stop')
    expect(world.host.of('restart')).toHaveLength(1)
  })

  it('tells watchers to look again when the host comes back', async () => {
    await start(
      packageText({
        init: `async ({effects}) => {
          const look = () => effects.getHostInfo({hostId: 'main', callback: () => void look()})
          await look()
        }`,
      }),
    )
    await world.call('init', { id: 'e', kind: null })
    await world.host.vanish()
    await world.host.listen()
    await world.host.seen('get-host-info', ({ callback }) => callback === 2)
  })

  it('runs packages of older SDKs, which announce themselves with started()', async () => {
    await start(
      packageText({
        main: `async ({effects, started}) => {
          await started(() => effects.echo({message: 'stop hook'}))
          return { build: async () => ({ term: () => effects.echo({message: 'ended'}) }) }
        }`,
      }),
    )
    await world.call('init', { id: 'e', kind: null })
    await world.call('start')
    await world.call('stop')
    expect(said()).toEqual(['init null', 'stop hook', 'ended'])
  })

  it('logs unhandled rejections and lives on, but not those that say they may be ignored', async () => {
    await start(
      packageText({
        init: `async () => {
          Promise.reject(new Error('nobody listens'))
          Promise.reject(Object.assign(new Error('not worth a word'), { muteUnhandled: true }))
        }`,
      }),
    )
    await world.call('init', { id: 'e', kind: null })
    await world.call('start')
    expect(world.output).toContain('nobody listens')
    expect(world.output).not.toContain('not worth a word')
  })

  it('ends its daemons and itself when the container is stopped, and ignores other signals', async () => {
    await start(packageText())
    await world.call('init', { id: 'e', kind: null })
    await world.call('start')
    world.kill('SIGHUP')
    world.kill('SIGINT')
    await world.call('start')
    world.kill('SIGTERM')
    expect(await world.exited()).toBe(0)
    expect(said()).toEqual(['init null', 'built', 'left main', 'ended'])
  })
})

describe('procedures', () => {
  it('run actions and backups with the event id of the request', async () => {
    await start(packageText())
    await world.call('init', { id: 'e', kind: null })
    expect(await world.execute('/actions/shout/getInput', { prefill: { a: 1 } }, 'form-1')).toMatchObject({
      result: { eventId: 'form-1', spec: {}, value: { a: 1 } },
    })
    expect(await world.execute('/actions/shout/run', { input: { text: 'hi' } })).toMatchObject({
      result: { title: 'HI' },
    })
    await world.execute('/backup/create', null, 'backup-1')
    expect(world.host.of('echo').at(-1)).toEqual({ message: 'backup', eventId: 'backup-1' })
    expect(await world.call('sandbox', { id: 'e', procedure: '/backup/create', input: null })).toHaveProperty(
      'result',
    )
  })

  it('answer failures in their own form', async () => {
    await start(packageText())
    expect(await world.execute('/backup/create', null)).toMatchObject({
      error: { code: 1, message: 'object', data: { details: 'Error: System not initialized' } },
    })
    await world.call('init', { id: 'e', kind: null })
    const failure = async (procedure: string, input: unknown): Promise<unknown> =>
      (await world.execute(procedure, input)).error
    expect(await failure('/actions/shout/run', { input: { fail: 'error' } })).toEqual({
      code: 0,
      message: 'Error: no voice',
    })
    expect(await failure('/actions/shout/run', { input: { fail: 'object' } })).toEqual({
      code: 38,
      message: 'a chosen text',
    })
    expect(await failure('/actions/other/run', {})).toEqual({
      code: 0,
      message: 'Error: Action other not found',
    })
    expect(await failure('/nothing', {})).toEqual({ code: 0, message: 'Error: Procedure /nothing not found' })
  })
})

describe('the socket', () => {
  it('takes requests however they are cut, and answers each with its id', async () => {
    await start(packageText())
    const line = await world.connect()
    line.socket.write(
      '{"id":1,"method":"init","params":{"id":"e","kind":null}}\n\n{"id":"two","method":"start","params":{}}\n',
    )
    expect(await line.next()).toMatchObject({ id: 1, jsonrpc: '2.0', result: null })
    expect(await line.next()).toMatchObject({ id: 'two', result: null })
    for (const part of ['{"id":3,"met', 'hod":"stop","params"', ':{}}\n']) {
      await new Promise((resolve) => line.socket.write(part, resolve))
    }
    expect(await line.next()).toMatchObject({ id: 3, result: null })
    line.socket.write('{"method":"stop","params":{}}\n')
    expect(await line.next()).toEqual({ jsonrpc: '2.0', id: null, result: null })
  })

  it('takes a line of a mebibyte', async () => {
    await start(packageText())
    await world.call('init', { id: 'e', kind: null })
    const text = 'x'.repeat(1 << 20)
    expect(await world.execute('/actions/shout/run', { input: { text } })).toMatchObject({
      result: { title: text.toUpperCase() },
    })
  })

  it('answers what it cannot serve with the coded errors of the protocol', async () => {
    await start(packageText())
    const line = await world.connect()
    const answer = async (text: string): Promise<unknown> => {
      line.socket.write(`${text}\n`)
      return line.next()
    }
    expect(await answer('{oops')).toMatchObject({ id: null, error: { code: 1, message: 'object' } })
    expect(await answer('[]')).toMatchObject({ id: null, error: { code: 1 } })
    expect(await answer('{"id":1}')).toMatchObject({
      id: 1,
      error: { code: -32602, message: 'invalid params', data: { details: '{"id":1}' } },
    })
    expect(await answer('{"id":2,"method":"fly","params":{}}')).toEqual({
      jsonrpc: '2.0',
      id: 2,
      error: { code: -32601, message: 'Method not found', data: { details: 'fly' } },
    })
    expect(await answer('{"id":3,"method":"init","params":{"id":"e"}}')).toMatchObject({
      id: 3,
      error: { code: 1, data: { details: 'Error: init: the parameter kind is missing or does not fit' } },
    })
    expect(await answer('{"id":4,"method":"stop","params":{}}')).toMatchObject({
      id: 4,
      error: { code: 1, message: 'object', data: { details: 'Error: System not initialized' } },
    })
  })

  it('says which file is missing when there is no package', async () => {
    await start(null)
    expect(await world.call('init', { id: 'e', kind: null })).toMatchObject({
      error: { code: 0, data: { details: `Error: ${world.dir}/index.js not found` } },
    })
  })

  it('replaces a socket that a dead process left', async () => {
    await start(packageText())
    await world.connect()
    world.kill('SIGKILL')
    await world.exited()
    await world.spawn(world.dir)
    expect(await world.call('init', { id: 'e', kind: null })).toMatchObject({ result: null })
  })
})
