import { describe, expect, it, vi } from 'vitest'
import { Action, Actions, InputSpec, Value } from '../src/index.ts'
import { createTask } from '../src/actions/tasks.ts'
import { HostInMemory } from './kit/effects.ts'
import { soon } from './kit/soon.ts'

const metadata = {
  name: 'Set name',
  description: 'Changes the name',
  warning: null,
  allowedStatuses: 'any',
  visibility: 'enabled',
  group: null,
} as const
const form = InputSpec.of({
  name: Value.text({ name: 'Name', required: true, default: null }),
  loud: Value.toggle({ name: 'Loud', default: false }),
})

function rename(run = vi.fn(async () => null)) {
  return { run, action: Action.withInput('rename', metadata, form, async () => ({ name: 'Ada' }), run) }
}

describe('an action with input', () => {
  it('shows its form, filled in', async () => {
    const { action } = rename()
    const shown = await action.getInput({ effects: new HostInMemory().effects('a', 'EVENT'), prefill: null })
    expect(shown).toMatchObject({ eventId: 'EVENT', value: { name: 'Ada' } })
    expect(Object.keys(shown.spec)).toEqual(['name', 'loud'])
  })

  it('runs with the checked input, unknown keys kept', async () => {
    const { action, run } = rename()
    const effects = new HostInMemory().effects('a', 'EVENT')
    await action.getInput({ effects, prefill: null })
    await action.run({ effects, input: { name: 'Grace', loud: true, extra: 1 } })
    expect(run).toHaveBeenCalledWith(
      expect.objectContaining({ input: { name: 'Grace', loud: true, extra: 1 } }),
    )
  })

  it('runs twice for one form', async () => {
    const { action, run } = rename()
    const effects = new HostInMemory().effects('a', 'EVENT')
    await action.getInput({ effects, prefill: null })
    for (const name of ['a', 'b']) await action.run({ effects, input: { name, loud: false } })
    expect(run).toHaveBeenCalledTimes(2)
  })

  it('refuses a run without a form, or for another event', async () => {
    const { action } = rename()
    const host = new HostInMemory()
    const input = { name: 'Ada', loud: false }
    await expect(action.run({ effects: host.effects('a', 'X'), input })).rejects.toThrow(
      'getActionInput has not been called for EventID X',
    )
    await action.getInput({ effects: host.effects('a', 'X'), prefill: null })
    await expect(action.run({ effects: host.effects('b', 'Y'), input })).rejects.toThrow('EventID Y')
  })

  it('says which field does not fit', async () => {
    const { action } = rename()
    const effects = new HostInMemory().effects('a', 'EVENT')
    await action.getInput({ effects, prefill: null })
    await expect(action.run({ effects, input: { name: 5, loud: false } })).rejects.toThrow(/at name/)
    await expect(action.run({ effects, input: { loud: false } })).rejects.toThrow(/at name/)
  })

  it('can make its form for the moment, with what it shall be filled with', async () => {
    const dynamic = Action.withInput(
      'pick',
      metadata,
      async ({ prefill }) =>
        InputSpec.of({
          pick: Value.dynamicSelect(async () => ({
            name: 'Pick',
            default: 'a',
            values: { a: String((prefill as { pick?: string } | null)?.pick) },
          })),
        }),
      async ({ prefill }) => prefill,
      async () => null,
    )
    const effects = new HostInMemory().effects('a', 'E')
    const { spec, value } = await dynamic.getInput({ effects, prefill: { pick: 'a' } })
    expect(spec['pick']).toMatchObject({ values: { a: 'a' }, disabled: false, immutable: false })
    expect(value).toEqual({ pick: 'a' })
  })
})

describe('all actions of a package', () => {
  it('are exported in order, then others are cleared', async () => {
    const host = new HostInMemory()
    const show = Action.withoutInput('show', { ...metadata, name: 'Show' }, async () => null)
    const actions = Actions.of().addAction(rename().action).addAction(show)
    await actions.init(host.effects('init'))
    expect(host.calls).toEqual([
      { method: 'action.export', params: { id: 'rename', metadata: { ...metadata, hasInput: true } } },
      {
        method: 'action.export',
        params: { id: 'show', metadata: { ...metadata, name: 'Show', hasInput: false } },
      },
      { method: 'action.clear', params: { except: ['rename', 'show'] } },
    ])
    expect(actions.get('show')).toBe(show)
    expect((actions.get as (id: string) => unknown).call(actions, 'nothing')).toBeUndefined()
  })

  it('are exported again when what their metadata was made from changes', async () => {
    const host = new HostInMemory()
    const again = Promise.withResolvers<void>()
    let name = 'First'
    const action = Action.withoutInput(
      'show',
      async ({ effects }) => {
        const retry = effects.constRetry
        if (name === 'First') queueMicrotask(() => ((name = 'Second'), retry?.()))
        else again.resolve()
        return { ...metadata, name }
      },
      async () => null,
    )
    await Actions.of().addAction(action).init(host.effects('init'))
    await again.promise
    await soon(() => expect(host.sent('action.export')).toHaveLength(2))
    expect(host.sent('action.export')[1]).toMatchObject({ metadata: { name: 'Second' } })
  })
})

describe('a task', () => {
  const { action } = rename()
  const effects = (host: HostInMemory) => host.effects('init')

  it('is created byte for byte as known hosts expect it', async () => {
    const host = new HostInMemory()
    const admin = Action.withoutInput('create-admin', metadata, async () => null)
    await createTask({
      effects: effects(host),
      packageId: 'gitea',
      action: admin,
      severity: 'important',
      options: { reason: '…' },
    })
    expect(JSON.stringify(host.sent('action.createTask')[0])).toBe(
      '{"reason":"…","actionId":"create-admin","packageId":"gitea","severity":"important","replayId":"gitea:create-admin"}',
    )
  })

  it('sends what it accepts and sets, with null for what is missing', async () => {
    const host = new HostInMemory()
    await createTask({
      effects: effects(host),
      packageId: 'other',
      action,
      severity: 'critical',
      options: {
        replayId: 'r',
        reason: 'r',
        when: { condition: 'input-not-matches', once: false },
        input: { kind: 'partial', accept: [{ name: 'Ada' }], set: { name: undefined } },
      },
    })
    expect(host.sent('action.createTask')[0]).toMatchObject({
      replayId: 'r',
      input: { kind: 'partial', accept: [{ name: 'Ada' }], set: { name: null } },
    })
  })

  it('turns the older form into accept and set', async () => {
    const host = new HostInMemory()
    const input = { kind: 'partial' as const, value: { name: 'Ada' } }
    await createTask({
      effects: effects(host),
      packageId: 'o',
      action,
      severity: 'optional',
      options: { input },
    })
    expect(host.sent('action.createTask')[0]).toMatchObject({
      input: { kind: 'partial', accept: [{ name: 'Ada' }], set: { name: 'Ada' } },
    })
  })
})
