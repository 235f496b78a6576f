import type { DesiredStatus, StatusInfo } from '@startd/base/model.ts'
import { describe, expect, it } from 'vitest'
import * as status from './status.ts'

const STOPPED: DesiredStatus = { main: 'stopped' }
const RUNNING: DesiredStatus = { main: 'running' }
const RESTARTING: DesiredStatus = { main: 'restarting', restartAgain: false }
const AGAIN: DesiredStatus = { main: 'restarting', restartAgain: true }
const BACKUP_START: DesiredStatus = { main: 'backing-up', onComplete: 'start' }
const BACKUP_STOP: DesiredStatus = { main: 'backing-up', onComplete: 'stop' }
const ALL = [STOPPED, RUNNING, RESTARTING, AGAIN, BACKUP_START, BACKUP_STOP]
const THEN = '2020-01-01T00:00:00.000Z'
const NOW = '2026-01-01T00:00:00.000Z'

const info = (desired: DesiredStatus, started: string | null): StatusInfo => ({
  desired,
  started,
  error: null,
  health: { web: { name: 'Web', result: 'success', message: null } },
})

/** Wanted state after an operation, in the order of `ALL`. */
const afterwards = (operation: (status: StatusInfo) => void, started: string | null) =>
  ALL.map((desired) => {
    const one = info(desired, started)
    operation(one)
    return one.desired
  })

const applied = (operation: (status: StatusInfo) => void, desired: DesiredStatus, started: string | null) => {
  const one = info(desired, started)
  operation(one)
  return one
}

describe('the wanted state', () => {
  it.each([null, THEN])('follows each operation (started: %s)', (started) => {
    expect(afterwards(status.initialized, started)).toEqual([
      STOPPED,
      RUNNING,
      RUNNING,
      RUNNING,
      RUNNING,
      STOPPED,
    ])
    expect(afterwards(status.start, started)).toEqual([
      RUNNING,
      RUNNING,
      RESTARTING,
      AGAIN,
      BACKUP_START,
      BACKUP_START,
    ])
    expect(afterwards(status.stop, started)).toEqual([
      STOPPED,
      STOPPED,
      STOPPED,
      STOPPED,
      BACKUP_STOP,
      BACKUP_STOP,
    ])
    const repeated = started === null ? AGAIN : RESTARTING
    expect(afterwards(status.restart, started)).toEqual([
      STOPPED,
      RESTARTING,
      repeated,
      AGAIN,
      BACKUP_START,
      BACKUP_STOP,
    ])
    const up = (one: StatusInfo) => {
      status.started(one, NOW)
    }
    expect(afterwards(up, started)).toEqual([
      STOPPED,
      RUNNING,
      RUNNING,
      RESTARTING,
      BACKUP_START,
      BACKUP_STOP,
    ])
    expect(afterwards(status.stopped, started)).toEqual(ALL)
    expect(afterwards(status.backingUp, started)).toEqual([
      BACKUP_STOP,
      BACKUP_START,
      BACKUP_START,
      BACKUP_START,
      BACKUP_START,
      BACKUP_STOP,
    ])
    expect(afterwards(status.afterBackup, started)).toEqual([
      STOPPED,
      RUNNING,
      RESTARTING,
      AGAIN,
      RUNNING,
      STOPPED,
    ])
  })
})

describe('health', () => {
  it('is forgotten by stop, restart, a fresh container and the end of main, and by nothing else', () => {
    for (const operation of [status.initialized, status.stop, status.restart, status.stopped]) {
      expect(applied(operation, RUNNING, THEN).health).toEqual({})
    }
    for (const operation of [status.start, status.backingUp, status.afterBackup]) {
      expect(applied(operation, RUNNING, THEN).health).not.toEqual({})
    }
  })
})

describe('the time of the start', () => {
  it('is set once, and cleared by the end of main and a fresh container', () => {
    const up = (one: StatusInfo) => {
      status.started(one, NOW)
    }
    expect(applied(up, RUNNING, null).started).toBe(NOW)
    expect(applied(up, RUNNING, THEN).started).toBe(THEN)
    expect(applied(status.stopped, RUNNING, THEN).started).toBeNull()
    expect(applied(status.initialized, RUNNING, THEN).started).toBeNull()
    expect(applied(status.stop, RUNNING, THEN).started).toBe(THEN)
  })

  it('is taken from the package where an older one sets it', () => {
    const running = (one: StatusInfo) => {
      status.setMainStatus(one, 'running', NOW)
    }
    const stopped = (one: StatusInfo) => {
      status.setMainStatus(one, 'stopped', NOW)
    }
    expect(applied(running, RESTARTING, null)).toMatchObject({ started: NOW, desired: RUNNING })
    expect(applied(running, RESTARTING, THEN)).toMatchObject({ started: NOW, desired: RESTARTING })
    expect(applied(stopped, RUNNING, THEN)).toMatchObject({ started: null, desired: RUNNING })
  })
})

describe('the next transition', () => {
  it('starts what is wanted and stops what is not', () => {
    const next = (started: string | null) =>
      ALL.map((desired) => status.transitionFor(info(desired, started)))
    expect(next(null)).toEqual(['none', 'start', 'start', 'start', 'backup', 'backup'])
    expect(next(THEN)).toEqual(['stop', 'none', 'stop', 'stop', 'stop', 'stop'])
  })
})
