import { ExtendedVersion, VersionRange } from '@startd/base/exver/index.ts'
import { describe, expect, it } from 'vitest'
import { IMPOSSIBLE, VersionGraph, VersionInfo } from '../src/index.ts'
import { HostInMemory } from './kit/effects.ts'

const log: string[] = []
const note = (text: string) => async () => void log.push(text)

const v1 = VersionInfo.of({
  version: '1.0:0',
  releaseNotes: 'one',
  migrations: { up: note('up 1'), down: note('down 1') },
})
const v2 = VersionInfo.of({
  version: '2.0:0',
  releaseNotes: 'two',
  migrations: { up: note('up 2'), down: note('down 2') },
})
const v3 = VersionInfo.of({
  version: '3.0:0',
  releaseNotes: 'three',
  migrations: { up: note('up 3'), down: IMPOSSIBLE },
})

function graph(current: VersionInfo = v3, other: VersionInfo[] = [v1, v2]) {
  log.length = 0
  return VersionGraph.of({ current, other })
}

describe('a version graph', () => {
  it('sets the version of a fresh install without migrating', async () => {
    const host = new HostInMemory()
    await graph().init(host.effects('init'), 'install')
    expect(host.dataVersion).toBe('3.0:0')
    expect(log).toEqual([])
  })

  it('leaves data of the same version alone', async () => {
    const host = new HostInMemory()
    host.dataVersion = '3.0:0'
    await graph().init(host.effects('init'), null)
    expect(host.methods()).toEqual(['getDataVersion'])
  })

  it('takes every step of an upgrade and records each', async () => {
    const host = new HostInMemory()
    host.dataVersion = '1.0:0'
    await graph().init(host.effects('init'), 'update')
    expect(log).toEqual(['up 2', 'up 3'])
    expect(host.sent('setDataVersion')).toEqual([{ version: '2.0:0' }, { version: '3.0:0' }])
  })

  it('upgrades data of a version between two that it knows', async () => {
    const host = new HostInMemory()
    host.dataVersion = '1.5:0'
    await graph().init(host.effects('init'), 'update')
    expect(log).toEqual(['up 2', 'up 3'])
  })

  it('takes over data that is only known as a range', async () => {
    const host = new HostInMemory()
    host.dataVersion = '>=1.0:0 <2.0:0'
    await graph().init(host.effects('init'), 'update')
    expect(host.dataVersion).toBe('3.0:0')
  })

  it('refuses newer data', async () => {
    const host = new HostInMemory()
    host.dataVersion = '4.0:0'
    await expect(graph().init(host.effects('init'), 'update')).rejects.toThrow(
      'cannot migrate from 4.0:0 to 3.0:0',
    )
  })

  it('hands data down until the target accepts it', async () => {
    const host = new HostInMemory()
    host.dataVersion = '2.0:0'
    await graph(v2, [v1]).uninit(host.effects('uninit'), VersionRange.parse('<=1.0:0'))
    expect(log).toEqual(['down 2'])
    expect(host.dataVersion).toBe('1.0:0')
  })

  it('does not go down where that is impossible', async () => {
    const host = new HostInMemory()
    host.dataVersion = '3.0:0'
    await expect(graph().uninit(host.effects('uninit'), ExtendedVersion.parse('1.0:0'))).rejects.toThrow(
      'cannot migrate',
    )
  })

  it('refuses a target that no version fits', async () => {
    const host = new HostInMemory()
    host.dataVersion = '3.0:0'
    const nothing = VersionRange.parse('>2.0:0').and(VersionRange.parse('<1.0:0'))
    await expect(graph().uninit(host.effects('uninit'), nothing)).rejects.toThrow('no version can take over')
  })

  it('records the current version when the container shuts down', async () => {
    const host = new HostInMemory()
    host.dataVersion = '3.0:0'
    await graph().uninit(host.effects('uninit'), ExtendedVersion.parse('3.0:0'))
    expect(host.methods()).toEqual(['getDataVersion', 'setDataVersion'])
  })

  it('forgets the version when the package goes for good', async () => {
    const host = new HostInMemory()
    host.dataVersion = '3.0:0'
    await graph().uninit(host.effects('uninit'), null)
    expect(host.dataVersion).toBeNull()
  })

  it('changes flavour by a migration of its own', async () => {
    const fork = VersionInfo.of({
      version: '#fork:1.0:0',
      releaseNotes: 'fork',
      migrations: { other: { '=1.0:0': { up: note('from plain'), down: IMPOSSIBLE } } },
    })
    const host = new HostInMemory()
    host.dataVersion = '1.0:0'
    await graph(fork, [v1]).init(host.effects('init'), 'update')
    expect(log).toEqual(['from plain'])
    expect(host.dataVersion).toBe('#fork:1.0:0')
  })

  it('says which versions it can come from and go to', () => {
    const from = graph().canMigrateFrom()
    expect(from.toString()).toBe('<=3.0:0')
    expect(graph().canMigrateTo().toString()).toBe('=3.0:0')
    expect(graph(v2, [v1]).canMigrateTo().satisfiedBy(ExtendedVersion.parse('1.0:0'))).toBe(true)
  })

  it('keeps what a version stands in for', () => {
    expect(v1.satisfies('#other:1.0:0').satisfied).toEqual(['#other:1.0:0'])
  })
})
