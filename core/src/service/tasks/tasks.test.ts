import fc from 'fast-check'
import type { PackageDataEntry } from '@startd/base/model.ts'
import type { Task, TaskEntry } from '@startd/base/service-schemas.ts'
import { Task as TaskSchema } from '@startd/base/service-schemas.ts'
import { describe, expect, it } from 'vitest'
import { newStatus } from '../status.ts'
import { conflicts, includes } from './match.ts'
import { dropVanishedTasks, taskOutcome, updateTasks } from './update.ts'

const json = fc.jsonValue({ maxDepth: 3 })

describe('a partial match', () => {
  it('holds for every value with itself', () => {
    fc.assert(fc.property(json, (value) => includes(value, value)))
  })

  it('still holds when the value gains keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.dictionary(fc.string(), json), (partial, more) =>
        includes({ ...more, ...partial }, partial),
      ),
    )
  })

  it.each([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, true],
    [{ a: 1, b: null }, { b: null }, true],
    [{ a: 1, b: 0 }, { b: null }, false],
    [{ a: { b: [1, 2, 3] } }, { a: { b: [3, 1] } }, true],
    [{ a: [{ x: 1, y: 2 }] }, { a: [{ x: 1 }] }, true],
    [{ a: [1] }, { a: [2] }, false],
    [{ a: [] }, { a: {} }, false],
    [{}, { toString: null }, true],
    ['1', 1, false],
    [null, {}, false],
  ])('of %j with %j is %s', (value, partial, expected) => {
    expect(includes(value, partial)).toBe(expected)
  })
})

describe('a conflict', () => {
  it('is never found between a value and itself', () => {
    fc.assert(fc.property(json, (value) => !conflicts(value, value)))
  })

  it('is never found where the partial matches with real values', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.integer()),
        fc.dictionary(fc.string(), json),
        (partial, more) => !conflicts(partial, { ...more, ...partial }),
      ),
    )
  })

  it.each([
    [{ a: 1 }, { a: 2 }, true],
    [{ a: 1 }, { b: 2 }, false],
    [{ a: { b: 1 } }, { a: { b: 2 } }, true],
    [{ a: [1] }, { a: [2, 3] }, true],
    [{ a: [1] }, { a: [1, 2] }, false],
    [1, 1, false],
    ['a', 'b', true],
  ])('between %j and %j is %s', (left, right, expected) => {
    expect(conflicts(left, right)).toBe(expected)
  })
})

const task = (more: Record<string, unknown> = {}): Task =>
  TaskSchema.parse({ packageId: 'target', actionId: 'act', ...more })
const entry = (one: Task, active = true): TaskEntry => ({ active, task: one })
const when = (once: boolean) => ({ once, condition: 'input-not-matches' })
const input = { kind: 'partial', accept: [{ name: 'a' }, { name: 'b' }], set: {} }

describe('a task', () => {
  it.each([
    ['without a trigger', task(), { name: 'a' }, true, 'remove'],
    ['without a trigger', task(), { name: 'a' }, false, 'keep'],
    ['for once, matching', task({ when: when(true), input }), { name: 'b' }, true, 'remove'],
    ['for once, matching', task({ when: when(true), input }), { name: 'b' }, false, 'keep'],
    ['matching', task({ when: when(false), input }), { name: 'a', more: 1 }, true, 'deactivate'],
    ['conflicting with every choice', task({ when: when(false), input }), { name: 'c' }, false, 'activate'],
    ['neither matching nor conflicting', task({ when: when(false), input }), { other: 1 }, true, 'keep'],
    [
      'in the older form',
      task({ when: when(false), input: { kind: 'partial', value: { name: 'x' } } }),
      { name: 'x' },
      true,
      'deactivate',
    ],
  ])('%s: %#', (_, one, value, wasRun, outcome) => {
    expect(taskOutcome(entry(one), value, wasRun)).toBe(outcome)
  })

  it('that is critical stops its owner when it becomes active, also in another package', () => {
    const critical = task({ severity: 'critical', when: when(false), input })
    const packages = { owner: pkg({ rename: entry(critical, false) }), target: pkg({}) }
    packages.owner.statusInfo.desired = { main: 'running' }
    updateTasks(packages, { packageId: 'target', actionId: 'act' }, { name: 'c' }, false)
    expect(packages.owner.tasks['rename']?.active).toBe(true)
    expect(packages.owner.statusInfo.desired).toEqual({ main: 'stopped' })
  })

  it('for another action is left alone', () => {
    const packages = { owner: pkg({ rename: entry(task()) }) }
    updateTasks(packages, { packageId: 'target', actionId: 'other' }, {}, true)
    expect(packages.owner.tasks).toHaveProperty('rename')
  })

  it('for itself goes with its action', () => {
    const own = pkg({ gone: entry(task({ packageId: 'me' })), theirs: entry(task()) })
    dropVanishedTasks('me', own)
    expect(Object.keys(own.tasks)).toEqual(['theirs'])
  })
})

function pkg(tasks: Record<string, TaskEntry>): PackageDataEntry {
  return {
    stateInfo: {
      state: 'installing',
      installingInfo: { newManifest: {} as never, progress: { overall: null, phases: [] } },
    },
    s9pk: '',
    statusInfo: newStatus(),
    registry: null,
    developerKey: '',
    icon: '',
    lastBackup: null,
    currentDependencies: {},
    actions: {},
    tasks,
    hosts: {},
    storeExposedDependents: [],
    outboundGateway: null,
    plugin: { url: null },
  }
}
