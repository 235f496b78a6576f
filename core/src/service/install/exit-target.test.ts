import { describe, expect, it } from 'vitest'
import { exitTarget } from './exit-target.ts'

const old = { version: '1.0:0', canMigrateTo: '>=1.0:0 <3:0', canMigrateFrom: '*' }

describe('where an outgoing version migrates its data to', () => {
  it.each([
    [
      'its own version when it never wrote one',
      null,
      { version: '2.0:0', canMigrateFrom: '*', canMigrateTo: '!' },
      '1.0:0',
    ],
    [
      'nowhere when the new version takes the data as it is',
      '1.0:0',
      { version: '2.0:0', canMigrateFrom: '>=1:0', canMigrateTo: '!' },
      '1.0:0',
    ],
    [
      'the new version when it can go there by itself',
      '1.0:0',
      { version: '2.0:0', canMigrateFrom: '>=2:0', canMigrateTo: '!' },
      '2.0:0',
    ],
  ])('is %s', (_, dataVersion, incoming, target) => {
    expect(exitTarget(dataVersion, old, incoming)).toBe(target)
  })

  it('is whatever both sides can meet at otherwise', () => {
    const target = exitTarget('1.0:0', old, { version: '4.0:0', canMigrateFrom: '>=2:0', canMigrateTo: '!' })
    expect(target).toContain('>=2')
  })

  it('does not rely on data versions that nobody can read', () => {
    expect(exitTarget('nonsense', old, { version: '2.0:0', canMigrateFrom: '*', canMigrateTo: '!' })).toBe(
      '2.0:0',
    )
  })
})
