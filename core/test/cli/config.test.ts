import { describe, expect, it } from 'vitest'
import { parseConfig, readConfig } from '../../src/cli/config-file.ts'
import { milliseconds, originOf } from '../../src/cli/settings.ts'
import { writeFile } from 'node:fs/promises'
import { Person } from './run.ts'

const error = (text: string, kind: 'own' | 'shared' = 'own') => {
  try {
    parseConfig(text, 'config.yaml', kind)
    return null
  } catch (refused) {
    return refused instanceof Error ? refused.message.replace(/^Data could not be read: /, '') : 'no error'
  }
}

describe('a configuration file', () => {
  it('names servers and settings', () => {
    const text =
      'server: attic\nservers:\n  attic:\n    host: https://attic.local\n    root-ca: a.crt\ntimeout: 30\n'
    expect(parseConfig(text, 'x')).toEqual({
      server: 'attic',
      servers: { attic: { host: 'https://attic.local', 'root-ca': ['a.crt'] } },
      timeout: 30,
    })
    expect(parseConfig('', 'x')).toEqual({})
  })

  it.each([
    ['servers:\n  attic:\n    hots: x\n', /^config\.yaml, line 2: servers\.attic\.host|line 3: .*“hots”/],
    ['format: table\nhots: x\n', /^config\.yaml, line 2: there is no setting called “hots”/],
    ['format: table\ninsecure: maybe\n', /^config\.yaml, line 2: insecure: /],
    ['servers:\n  Attic: {host: x}\n', /^config\.yaml, line 2: servers\.Attic: /],
    ['servers:\n  local: {host: x}\n', /line 2: .*always means the server on this machine/],
    ['a: [1\nb: 2\n', /^config\.yaml, line 2: /],
    ['- a\n- b\n', /^config\.yaml, line 1: /],
    ['a: &a [x]\nb: &b [*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]\n', /alias/],
  ])('that is wrong says where and what: %j', (text, message) => {
    expect(error(text)).toMatch(message)
  })

  it('of another program may hold what we do not know', () => {
    const text =
      'schema: 1\nhost: {default: "http://attic.local", cabin: "http://cabin.local"}\nregistry: {}\n'
    expect(parseConfig(text, 'x', 'shared').host).toBe('http://attic.local')
    expect(error('host: [1]', 'shared')).toMatch(/line 1/)
  })

  it('is not read when it is huge', async () => {
    await using person = await Person.create()
    const file = `${person.home}/huge.yaml`
    await writeFile(file, '#'.repeat(70_000))
    await expect(readConfig(file, 'own')).rejects.toThrow('larger than 64 KiB')
    expect(await readConfig(`${person.home}/none.yaml`, 'own')).toBeNull()
  })
})

describe('values', () => {
  it.each([
    ['30', 30_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
  ])('%s is a time to wait', (text, expected) => expect(milliseconds(text)).toBe(expected))
  it.each([['0'], ['-1'], ['soon'], ['1d'], ['99h'], ['']])('“%s” is none', (text) => {
    expect(() => milliseconds(text)).toThrow('not a time to wait')
  })

  it.each([
    ['attic.local', 'http://attic.local'],
    ['192.168.1.5:8080', 'http://192.168.1.5:8080'],
    ['https://attic.local/path?x', 'https://attic.local'],
    ['[::1]:80', 'http://[::1]'],
  ])('%s is an address', (text, origin) => expect(originOf(text)).toBe(origin))
  it.each([['not an address'], ['http://'], ['a:b:c']])('“%s” is none', (text) => {
    expect(() => originOf(text)).toThrow('not an address')
  })
})
