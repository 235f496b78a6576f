import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Daemons } from '../src/index.ts'
import { type HealthCheckResult } from '../src/health/result.ts'
import { type Trigger, cooldownTrigger } from '../src/health/trigger.ts'
import { HostInMemory } from './kit/effects.ts'
import { soon } from './kit/soon.ts'
import { localSubcontainer } from './kit/local-subcontainer.ts'

const quickly: Trigger = cooldownTrigger(5)
const ok: HealthCheckResult = { result: 'success', message: null }
const forever = { command: ['sleep', '1000'] }

/** The chain as JavaScript sees it. */
interface Untyped {
  addHealthCheck(id: string, options: object): Untyped
  build(): Promise<unknown>
}

let directory: string
let host: HostInMemory
const running: { term(): Promise<void> }[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'daemons-'))
  host = new HostInMemory()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((chain) => chain.term()))
  await rm(directory, { recursive: true, force: true })
})

function chain() {
  return Daemons.of(host.effects('main'))
}
const here = () => localSubcontainer(directory)
const ready = (
  fn: () => HealthCheckResult | Promise<HealthCheckResult> = () => ok,
  display: string | null = null,
) => ({
  display,
  fn,
  trigger: quickly,
})
const health = (id: string) =>
  (host.sent('setHealth') as { id: string; result: string }[]).filter((call) => call.id === id)
const results = (id: string) => health(id).map(({ result }) => result)
const lines = async (name: string) =>
  (await readFile(join(directory, name), 'utf8').catch(() => '')).split('\n').slice(0, -1)
const shell = (script: string) => `cd ${directory} && ${script}`

describe('a chain of daemons', () => {
  it('starts a daemon and tells its health as known hosts expect it, byte for byte', async () => {
    running.push(
      await chain()
        .addDaemon('db', {
          subcontainer: here(),
          exec: forever,
          ready: ready(() => ({ result: 'loading', message: '1 %' }), 'Ghost Database'),
          requires: [],
        })
        .addDaemon('ghost', {
          subcontainer: here(),
          exec: forever,
          ready: ready(() => ok, 'Ghost Server'),
          requires: ['db'],
        })
        .build(),
    )
    expect(JSON.stringify(health('ghost')[0])).toBe(
      '{"result":"waiting","message":"Ghost Database","id":"ghost","name":"Ghost Server"}',
    )
    await soon(() => expect(results('db')).toEqual(['starting', 'loading']))
  })

  it('starts what requires others only when they are well, in order', async () => {
    running.push(
      await chain()
        .addOneshot('prepare', {
          subcontainer: here(),
          exec: { command: shell('echo prepare >> log') },
          requires: [],
        })
        .addDaemon('db', {
          subcontainer: here(),
          exec: { command: shell('echo db >> log; exec sleep 1000') },
          ready: ready(),
          requires: ['prepare'],
        })
        .addDaemon('web', {
          subcontainer: here(),
          exec: { command: shell('echo web >> log; exec sleep 1000') },
          ready: ready(),
          requires: ['db'],
        })
        .build(),
    )
    await soon(async () => expect(await lines('log')).toEqual(['prepare', 'db', 'web']))
  })

  it('says the same thing only once', async () => {
    let checks = 0
    running.push(
      await chain()
        .addHealthCheck('x', { ready: ready(() => (checks++, ok), 'X'), requires: [] })
        .build(),
    )
    await soon(() => expect(checks).toBeGreaterThan(5))
    expect(results('x')).toEqual(['starting', 'success'])
  })

  it('tells again what the host did not hear', async () => {
    let deaf = true
    host.answer('setHealth', () => (deaf ? Promise.reject(new Error('connection refused')) : null))
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    let checks = 0
    running.push(
      await chain()
        .addHealthCheck('x', { ready: ready(() => (checks++, ok), 'X'), requires: [] })
        .build(),
    )
    await soon(() => expect(checks).toBeGreaterThan(2))
    deaf = false
    const before = results('x').length
    await soon(() => expect(results('x').slice(before)).toContain('success'))
    report.mockRestore()
  })

  it('shows nothing for a check without a display name', async () => {
    let checks = 0
    running.push(
      await chain()
        .addHealthCheck('x', { ready: ready(() => (checks++, ok)), requires: [] })
        .build(),
    )
    await soon(() => expect(checks).toBeGreaterThan(1))
    expect(host.sent('setHealth')).toEqual([])
  })

  it('pauses dependents while what they require is not well', async () => {
    let well = true
    running.push(
      await chain()
        .addHealthCheck('db', {
          ready: { ...ready(() => (well ? ok : { result: 'failure', message: 'no' }), 'DB'), gracePeriod: 0 },
          requires: [],
        })
        .addDaemon('web', {
          subcontainer: here(),
          exec: { command: shell('echo on >> log; exec sleep 1000') },
          ready: ready(() => ok, 'Web'),
          requires: ['db'],
        })
        .build(),
    )
    await soon(() => expect(results('web').at(-1)).toBe('success'))
    well = false
    await soon(() => expect(health('web').at(-1)).toMatchObject({ result: 'waiting', message: 'DB' }))
    well = true
    await soon(() => expect(results('web').at(-1)).toBe('success'))
    expect(await lines('log')).toEqual(['on', 'on'])
  })

  it('counts a failure as starting during the grace period, and as failure after it', async () => {
    const failing = () => ({ result: 'failure' as const, message: 'not yet' })
    running.push(
      await chain()
        .addHealthCheck('young', { ready: ready(failing, 'Young'), requires: [] })
        .addHealthCheck('old', { ready: { ...ready(failing, 'Old'), gracePeriod: 0 }, requires: [] })
        .build(),
    )
    await soon(() => expect(health('old').at(-1)).toMatchObject({ result: 'failure', message: 'not yet' }))
    await soon(() => expect(health('young').at(-1)).toMatchObject({ result: 'starting', message: 'not yet' }))
  })

  it('takes a thrown error as a failure, and a thrown result as that result', async () => {
    running.push(
      await chain()
        .addHealthCheck('error', {
          ready: { ...ready(() => Promise.reject(new Error('broken')), 'E'), gracePeriod: 0 },
          requires: [],
        })
        .addHealthCheck('result', {
          ready: ready(() => {
            throw { result: 'disabled', message: 'off' } as unknown as Error
          }, 'R'),
          requires: [],
        })
        .build(),
    )
    await soon(() => expect(health('error').at(-1)).toMatchObject({ result: 'failure', message: 'broken' }))
    await soon(() => expect(health('result').at(-1)).toMatchObject({ result: 'disabled', message: 'off' }))
  })

  it('starts a process that ended again, at once the first time and later the next', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    running.push(
      await chain()
        .addDaemon('crashing', {
          subcontainer: here(),
          exec: { command: shell('date +%s%N >> log; exit 3') },
          ready: { display: 'Crashing', fn: () => ok, gracePeriod: 0, trigger: cooldownTrigger(100_000) },
          requires: [],
        })
        .build(),
    )
    await soon(async () => expect((await lines('log')).length).toBe(3))
    const [first = 0, second = 0, third = 0] = (await lines('log')).map((line) => Number(line) / 1e6)
    expect(third - second).toBeGreaterThan(900)
    expect(second - first).toBeLessThan(third - second)
    expect(health('crashing').at(-1)).toMatchObject({ result: 'failure', message: 'crashing daemon crashed' })
    expect(report.mock.calls.flat().join()).toContain('exited with code 3')
    report.mockRestore()
  })

  it('does not repeat a oneshot that succeeded, and retries one that failed', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    running.push(
      await chain()
        .addOneshot('once', {
          subcontainer: here(),
          exec: { command: shell('echo once >> once') },
          requires: [],
        })
        .addOneshot('retried', {
          subcontainer: here(),
          exec: { command: shell('echo try >> tries; [ $(wc -l < tries) -ge 2 ]') },
          requires: [],
        })
        .addHealthCheck('end', { ready: ready(() => ok, 'End'), requires: ['once', 'retried'] })
        .build(),
    )
    await soon(() => expect(results('end').at(-1)).toBe('success'))
    expect(await lines('once')).toHaveLength(1)
    expect(await lines('tries')).toHaveLength(2)
    report.mockRestore()
  })

  it('runs a function instead of a command, and the command that it answers', async () => {
    const seen: string[] = []
    running.push(
      await chain()
        .addOneshot('work', {
          subcontainer: null,
          exec: { fn: async () => (seen.push('worked'), null) },
          requires: [],
        })
        .addOneshot('made', {
          subcontainer: here(),
          exec: { fn: async () => ({ command: shell('echo made >> log') }) },
          requires: ['work'],
        })
        .addHealthCheck('end', { ready: ready(() => ok, 'End'), requires: ['made'] })
        .build(),
    )
    await soon(() => expect(results('end').at(-1)).toBe('success'))
    expect(seen).toEqual(['worked'])
    expect(await lines('log')).toEqual(['made'])
  })

  it('ends what others require last, asks before it kills, and removes subcontainers', async () => {
    const subcontainer = here()
    const stubborn = `trap 'echo asked >> log' TERM; echo up >> log; while :; do sleep 0.05; done`
    const built = await chain()
      .addDaemon('db', {
        subcontainer,
        exec: {
          command: shell(
            `trap 'echo db >> order; exit 0' TERM; echo up >> log; while :; do sleep 0.05; done`,
          ),
        },
        ready: ready(async () =>
          (await lines('log')).includes('up') ? ok : { result: 'loading', message: '' },
        ),
        requires: [],
      })
      .addDaemon('web', {
        subcontainer,
        exec: {
          command: shell(
            `trap 'echo web >> order; exit 0' TERM; echo web-up >> log; while :; do sleep 0.05; done`,
          ),
        },
        ready: ready(),
        requires: ['db'],
      })
      .build()
    await soon(async () => expect(await lines('log')).toContain('web-up'))
    await built.term()
    await built.term()
    expect(await lines('order')).toEqual(['web', 'db'])
    expect(subcontainer.destroyed).toBe(1)

    await writeFile(join(directory, 'log'), '')
    const second = await Daemons.of(host.effects('main'))
      .addDaemon('stubborn', {
        subcontainer,
        exec: { command: shell(stubborn), sigtermTimeout: 200 },
        ready: ready(),
        requires: [],
      })
      .build()
    await soon(async () => expect(await lines('log')).toContain('up'))
    await second.term()
    expect(await lines('log')).toContain('asked')
  })

  it('ends when its context is left, unless detached', async () => {
    const ended = vi.fn()
    const effects = host.effects('main')
    const built = await Daemons.of(effects)
      .addDaemon('x', {
        subcontainer: null,
        exec: { fn: (_, signal) => new Promise(() => signal.addEventListener('abort', ended)) },
        ready: ready(),
        requires: [],
      })
      .build()
    host.root.leave()
    await built.term()
    expect(ended).toHaveBeenCalledOnce()
  })

  it('runs until everything is well, then ends; or says what it waited for', async () => {
    await chain().addHealthCheck('quick', { ready: ready(), requires: [] }).runUntilSuccess(5_000)
    const never = chain().addHealthCheck('never', {
      ready: ready(() => ({ result: 'loading', message: '' })),
      requires: [],
    })
    await expect(never.runUntilSuccess(50)).rejects.toThrow('Timed out waiting for never')
  })

  it('leaves out what is null, also when it is found later', async () => {
    const effects = host.effects('main')
    const some = await Daemons.of(effects)
      .addHealthCheck('skipped', () => null)
      .addHealthCheck('found', async () => ({ ready: ready(() => ok, 'Found'), requires: [] }))
    running.push(await some.build())
    await soon(() => expect(results('found').at(-1)).toBe('success'))
    expect(health('skipped')).toEqual([])
  })

  it('refuses an id that is taken, empty, or required before it is there', async () => {
    const check = { ready: ready(), requires: [] }
    const untyped = () => chain() as unknown as Untyped
    await expect(untyped().addHealthCheck('a', check).addHealthCheck('a', check).build()).rejects.toThrow(
      'used twice',
    )
    await expect(untyped().addHealthCheck('', check).build()).rejects.toThrow('needs an id')
    await expect(
      untyped()
        .addHealthCheck('a', { ...check, requires: ['b'] })
        .build(),
    ).rejects.toThrow('not declared before')
  })
})
