import { describe, expect, it } from 'vitest'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { statusOf, type StatusKind } from './status.ts'

type Watched = Parameters<typeof statusOf>[0]
type Health = PackageDataEntry['statusInfo']['health']

const CHECK = { name: 'Web page', message: null }
const TASK = {
  active: true,
  task: { severity: 'critical', packageId: 'a', actionId: 'b', reason: null, when: null, input: null },
} as unknown as PackageDataEntry['tasks'][string]

function service(change: {
  state?: string
  main?: string
  started?: string | null
  health?: Health
  error?: PackageDataEntry['statusInfo']['error']
  tasks?: PackageDataEntry['tasks']
}): Watched {
  const {
    state = 'installed',
    main = 'stopped',
    started = null,
    health = {},
    error = null,
    tasks = {},
  } = change
  return {
    stateInfo: { state } as PackageDataEntry['stateInfo'],
    statusInfo: { desired: { main } as PackageDataEntry['statusInfo']['desired'], started, health, error },
    tasks,
  }
}

const now = '2026-01-01T00:00:00Z'
const ROWS: [string, Parameters<typeof service>[0], StatusKind][] = [
  ['is being installed', { state: 'installing', main: 'running' }, 'installing'],
  ['is being removed, whatever else it says', { state: 'removing', started: now }, 'removing'],
  ['broke', { error: { details: 'x', debug: '', info: null }, main: 'running', started: now }, 'error'],
  ['shall run and does not yet', { main: 'running' }, 'starting'],
  [
    'runs, but a check still starts',
    { main: 'running', started: now, health: { a: { ...CHECK, result: 'starting' } } },
    'starting',
  ],
  [
    'runs, but a check waits',
    { main: 'running', started: now, health: { a: { ...CHECK, result: 'waiting' } } },
    'starting',
  ],
  ['runs', { main: 'running', started: now }, 'running'],
  ['shall stop and still runs', { main: 'stopped', started: now }, 'stopping'],
  ['stands', { main: 'stopped' }, 'stopped'],
  ['stands and waits for its owner', { main: 'stopped', tasks: { a: TASK } }, 'task-required'],
  ['restarts', { main: 'restarting', started: now }, 'restarting'],
  ['is backed up', { main: 'backing-up' }, 'backing-up'],
]

describe('statusOf', () => {
  it.each(ROWS)('tells that a service %s', (_, change, kind) => {
    expect(statusOf(service(change)).kind).toBe(kind)
  })

  it('keeps a running service stoppable while a required task waits', () => {
    const status = statusOf(service({ main: 'running', started: now, tasks: { a: TASK } }))
    expect(status).toMatchObject({ kind: 'running', tone: 'warning', attention: 'task', canStop: true })
  })

  it('says running, with a warning, when a check fails', () => {
    const health: Health = { a: { ...CHECK, result: 'failure', message: 'no answer' } }
    expect(statusOf(service({ main: 'running', started: now, health }))).toMatchObject({
      kind: 'running',
      attention: 'health',
      canRestart: true,
    })
  })

  it('ignores tasks that are not active', () => {
    expect(statusOf(service({ tasks: { a: { ...TASK, active: false } } })).kind).toBe('stopped')
  })

  it('shows a wish at once, before the server confirms it', () => {
    expect(statusOf(service({}), 'start')).toMatchObject({ kind: 'starting', busy: true })
    expect(statusOf(service({ main: 'running', started: now }), 'stop').kind).toBe('stopping')
  })

  it('lets a broken service be stopped or started, whichever was not wished', () => {
    const error = { details: 'x', debug: '', info: null }
    expect(statusOf(service({ error, main: 'running' }))).toMatchObject({ canStop: true, canStart: false })
    expect(statusOf(service({ error }))).toMatchObject({ canStop: false, canStart: true })
  })

  it('offers nothing but waiting to a service that is being installed', () => {
    expect(statusOf(service({ state: 'installing' }))).toMatchObject({
      busy: true,
      canStart: false,
      canStop: false,
      canRestart: false,
    })
  })
})
