import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import type { Session } from '@startd/base/model.ts'
import { isForeign, isOwnHost, machineNames } from '../../src/rpc/request-origin.ts'
import { LoginLimiter } from '../../src/rpc/login-limiter.ts'
import { Sessions, sessionId, type SessionStore } from '../../src/rpc/sessions.ts'

describe('the login limiter', () => {
  const start = () => {
    let now = 0
    const limiter = new LoginLimiter(() => now)
    return {
      limiter,
      pass: (seconds: number) => (now += seconds * 1000),
      wait: (address: string): number => {
        try {
          limiter.admit(address)
          return 0
        } catch (error) {
          return (error as { info: { retryAfter: number } }).info.retryAfter
        }
      },
    }
  }

  it('makes each further attempt wait twice as long, up to a quarter of an hour', () => {
    const { wait, pass } = start()
    for (let i = 0; i < 3; i++) expect(wait('10.0.0.1')).toBe(0)
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      const seconds = wait('10.0.0.1')
      waits.push(seconds)
      pass(seconds)
      expect(wait('10.0.0.1')).toBe(0)
    }
    expect(waits).toEqual([20, 40, 80, 160, 320, 640, 900, 900])
  })

  it('does not move the end of the wait for attempts within it', () => {
    const { wait, pass } = start()
    for (let i = 0; i < 3; i++) wait('10.0.0.1')
    pass(15)
    expect(wait('10.0.0.1')).toBe(5)
    pass(5)
    expect(wait('10.0.0.1')).toBe(0)
  })

  it('forgets everything after a success', () => {
    const { limiter, wait } = start()
    for (let i = 0; i < 3; i++) wait('10.0.0.1')
    limiter.succeeded('::ffff:10.0.0.1')
    expect(wait('10.0.0.1')).toBe(0)
  })

  it('keeps nobody else out', () => {
    const { wait } = start()
    for (let i = 0; i < 10; i++) wait('10.0.0.1')
    expect(wait('10.0.0.2')).toBe(0)
  })

  it('takes the addresses of one IPv6 network as one client', () => {
    const { wait } = start()
    for (let i = 0; i < 3; i++) wait(`2001:db8:1:2::${i}`)
    expect(wait('2001:db8:1:2:3:4:5:6')).toBe(20)
    expect(wait('2001:db8:1:3::1')).toBe(0)
  })

  it('bounds what all clients together may try', () => {
    const { wait, pass } = start()
    for (let i = 0; i < 60; i++) expect(wait(`10.0.1.${i}`)).toBe(0)
    expect(wait('10.0.2.1')).toBe(60)
    pass(60)
    expect(wait('10.0.2.1')).toBe(0)
  })
})

describe('the time of last use', () => {
  const store = () => {
    const sessions: Record<string, Session> = {}
    let writes = 0
    const seam: SessionStore = {
      read: () => sessions,
      write: async (change) => {
        writes++
        change(sessions)
      },
    }
    return { seam, sessions, writes: () => writes }
  }

  it('is known at once and stored together', async () => {
    const { seam, sessions, writes } = store()
    const known = new Sessions(seam, () => {})
    const token = await known.create({ ephemeral: false, userAgent: null })
    const id = sessionId(token)
    sessions[id] = { loggedIn: '2020-01-01T00:00:00Z', lastActive: '2020-01-01T00:00:00Z', userAgent: null }
    for (let i = 0; i < 100; i++) expect(known.check(token)).toBe(id)
    expect(known.list()[id]?.lastActive).not.toContain('2020')
    expect(writes()).toBe(1)
    await known.flush()
    expect(sessions[id]?.lastActive).not.toContain('2020')
    expect(writes()).toBe(2)
  })

  it('ends a login that nobody has used for 30 days', async () => {
    const { seam, sessions } = store()
    const known = new Sessions(seam, () => {})
    const idle = await known.create({ ephemeral: false, userAgent: null })
    const busy = await known.create({ ephemeral: false, userAgent: null })
    for (const session of Object.values(sessions))
      session.lastActive = new Date(Date.now() - 31 * 86_400_000).toISOString()
    known.check(busy)
    await known.expire()
    expect(known.check(idle)).toBeNull()
    expect(known.check(busy)).not.toBeNull()
    await known.flush()
  })

  it('tells which logins it has ended, so that their streams end too', async () => {
    const { seam, sessions } = store()
    const ended: string[] = []
    const known = new Sessions(
      seam,
      () => {},
      (ids) => ended.push(...ids),
    )
    const idle = await known.create({ ephemeral: false, userAgent: null })
    for (const session of Object.values(sessions)) session.lastActive = '2020-01-01T00:00:00Z'
    await known.expire()
    expect(ended).toEqual([sessionId(idle)])
  })

  it('is nobody’s for a name that every object has', () => {
    expect(new Sessions(store().seam, () => {}).check('constructor')).toBeNull()
  })
})

describe('the origin of a request', () => {
  it.each([
    [{ host: 'a.local', origin: 'http://a.local' }, false],
    [{ host: 'a.local:80', origin: 'http://a.local' }, false],
    [{ host: 'A.local:8080', origin: 'http://a.local:8080' }, false],
    [{ host: 'a.local', origin: 'http://a.local:8080' }, true],
    [{ host: 'a.local', origin: 'http://b.local' }, true],
    [{ host: 'a.local', origin: 'nonsense' }, true],
    [{ host: 'a.local', 'sec-fetch-site': 'same-site' }, true],
    [{ host: 'a.local', 'sec-fetch-site': 'none' }, false],
    [{ host: 'a.local' }, false],
  ] as const)('%o is foreign: %s', (headers, foreign) => {
    expect(isForeign(headers)).toBe(foreign)
  })

  it('may be what this machine is called in its network', () => {
    const resolver = '# from the router\nsearch fritz.box lan.example.org\nnameserver 192.168.178.1\n'
    expect(machineNames('Attic', resolver)).toEqual(['attic', 'attic.fritz.box', 'attic.lan.example.org'])
    expect(machineNames('attic.example.org', 'domain fritz.box')).toEqual([
      'attic.example.org',
      'attic.fritz.box',
    ])
    expect(machineNames('attic', '')).toEqual(['attic'])
    expect(isOwnHost(`${hostname()}:8080`, new Set())).toBe(true)
    expect(isOwnHost('192.168.178.20:8080', new Set())).toBe(true)
    expect(isOwnHost('[fd00::1]:8080', new Set())).toBe(true)
    expect(isOwnHost('attic.attacker.example', new Set())).toBe(false)
  })

  it('may be a domain of the server', () => {
    expect(isOwnHost('cloud.example.com', new Set())).toBe(false)
    expect(isOwnHost('Cloud.example.com:443', new Set(['cloud.example.com']))).toBe(true)
    expect(isOwnHost(undefined, new Set())).toBe(false)
  })
})
