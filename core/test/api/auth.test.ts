import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sessionId } from '../../src/rpc/sessions.ts'
import { verifyPassword } from '../../src/rpc/passwords.ts'
import { PASSWORD, SERVICE_ADDRESS, World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.running()
})
afterAll(() => world[Symbol.asyncDispose]())

const NONE = { cookie: 'session=none' }
const tokenOf = (cookie: string) => cookie.replace('session=', '')

describe('a session', () => {
  it('is known by the hash of its token', () => {
    expect(sessionId('a'.repeat(26))).toBe('tf3nksnckek5vnhdnugb7ohtdsyh3kd53azhlf3tmdvx3qe6rdpa')
  })

  it('comes as a cookie that no page can read', async () => {
    const answer = await world.call('auth.login', { password: PASSWORD }, NONE)
    const { session } = answer.body.result as { session: string }
    expect(session).toMatch(/^[a-z2-7]{26}$/)
    expect(answer.headers.get('set-cookie')).toBe(
      `session=${session}; Path=/; SameSite=Strict; Expires=Fri, 31 Dec 9999 23:59:59 GMT; HttpOnly`,
    )
  })

  it('never stores the token', async () => {
    const dump = await world.ok('db.dump', { pointer: '' })
    expect(JSON.stringify(dump)).not.toContain(tokenOf(world.cookie))
    expect(JSON.stringify(dump)).toContain(sessionId(tokenOf(world.cookie)))
  })

  it('can be listed and ended, with its streams', async () => {
    const login = await world.call('auth.login', { password: PASSWORD, ephemeral: true }, NONE)
    const other = (login.body.result as { session: string }).session
    const cookie = `session=${other}`
    const { guid } = (await world.call('db.subscribe', {}, { cookie })).body.result as { guid: string }
    const unused = (await world.call('db.subscribe', {}, { cookie })).body.result as { guid: string }
    const socket = world.socket(guid)
    await new Promise((resolve) => socket.once('open', resolve))
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    const list = (await world.ok('auth.session.list', {})) as { current: string; sessions: object }
    expect(list.current).toBe(sessionId(tokenOf(world.cookie)))
    expect(Object.keys(list.sessions)).toContain(sessionId(other))

    await world.ok('auth.session.kill', { ids: [sessionId(other), 'unknown'] })
    expect(await closed).toBe(1006)
    expect((await world.call('db.dump', {}, { cookie })).body.error?.code).toBe(34)
    await expect(world.frames(unused.guid)).rejects.toThrow('404')
  })

  it('ends at logout and the cookie is cleared', async () => {
    const answer = await world.call('auth.login', { password: PASSWORD }, NONE)
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const out = await world.call('auth.logout', {}, { cookie })
    expect(out.headers.get('set-cookie')).toMatch(/^session=; .*1970/)
    expect((await world.call('db.dump', {}, { cookie })).body.error?.code).toBe(34)
  })
})

describe('the secret file of the host', () => {
  it('can be read by its owner alone', async () => {
    expect((await stat(join(world.data, 'run', 'rpc.authcookie'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(world.data, 'run', 'rpc.authcookie'), 'utf8')).toMatch(/^[\w+/]{43}$/)
  })

  it('opens everything, and logs in without a cookie', async () => {
    const cookie = await world.localCookie()
    expect((await world.call('auth.session.list', {}, { cookie })).body.result).toMatchObject({
      current: null,
    })
    const login = await world.call('auth.login', { password: PASSWORD }, { cookie })
    expect(login.body.result).toHaveProperty('session')
    expect(login.headers.get('set-cookie')).toBeNull()
  })

  it('does not shadow a good session when it is wrong', async () => {
    expect(
      (await world.call('server.time', {}, { cookie: `local=wrong; ${world.cookie}` })).body.error,
    ).toBeUndefined()
  })
})

describe('a service that was sent the cookie of its visitor', () => {
  it('can neither use it nor log in', async () => {
    const call = async (method: string, params: object) => {
      const headers = { cookie: world.cookie }
      const sent = request(`${world.daemon.url}/rpc/v1`, {
        method: 'POST',
        headers,
        localAddress: SERVICE_ADDRESS,
      })
      sent.end(JSON.stringify({ method, params }))
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      return JSON.parse(await text(response)) as unknown
    }
    expect(await call('server.time', {})).toMatchObject({ error: { code: 34 } })
    expect(await call('auth.login', { password: PASSWORD })).toMatchObject({ error: { code: 34 } })
    expect(await call('state', {})).toMatchObject({ result: 'running' })
  })
})

describe('a password', () => {
  it('is stored as Argon2id in the standard notation', async () => {
    const { value } = (await world.ok('db.dump', { pointer: '/public/serverInfo/passwordHash' })) as {
      value: string
    }
    expect(value).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(await verifyPassword(value, PASSWORD)).toBe(true)
    expect(await verifyPassword(value, `${PASSWORD} `)).toBe(false)
  })

  it('agrees with a hash of the reference implementation', async () => {
    const known = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    expect(await verifyPassword(known, 'password')).toBe(true)
  })

  it('may be tried three times, then the client has to wait', async () => {
    await using fresh = await World.running()
    const attempt = async () => (await fresh.call('auth.login', { password: 'guess' }, NONE)).body
    for (let i = 0; i < 3; i++) expect(await attempt()).toMatchObject({ error: { code: 7 }, id: 1 })
    const refused = await attempt()
    expect(refused).toMatchObject({ error: { code: 37 }, id: null })
    // Some of the 20 seconds are over: hashing the third attempt took a while.
    const { retryAfter } = (refused.error?.data as { info: { retryAfter: number } }).info
    expect(retryAfter).toSatisfy((seconds: number) => seconds > 0 && seconds <= 20)
    const right = await fresh.call('auth.login', { password: PASSWORD }, NONE)
    expect(right.body.error?.code).toBe(37)
    expect((await fresh.call('server.time', {})).body.error).toBeUndefined()
  })

  it('can be changed, which ends the other logins', async () => {
    await using fresh = await World.running()
    const other = fresh.cookie
    await fresh.logIn()
    const wrong = await fresh.call('auth.reset-password', { oldPassword: 'x', newPassword: 'new' })
    expect(wrong.body.error?.code).toBe(7)
    await fresh.ok('auth.reset-password', { oldPassword: PASSWORD, newPassword: 'another one' })
    expect((await fresh.call('server.time', {}, { cookie: other })).body.error?.code).toBe(34)
    expect((await fresh.call('server.time', {})).body.error).toBeUndefined()
    expect((await fresh.call('auth.login', { password: 'another one' }, NONE)).body.error).toBeUndefined()
  })

  it('cannot be guessed with a stolen login', async () => {
    await using fresh = await World.running()
    const guess = async () =>
      (await fresh.call('auth.reset-password', { oldPassword: 'guess', newPassword: 'x' })).body.error?.code
    expect([await guess(), await guess(), await guess(), await guess()]).toEqual([7, 7, 7, 37])
    expect((await fresh.call('auth.login', { password: PASSWORD }, NONE)).body.error?.code).toBe(37)
  })

  it('that was forgotten is set anew by root of the machine alone, which ends all logins', async () => {
    await using fresh = await World.running()
    expect((await fresh.call('auth.reset-password', { newPassword: 'another one' })).body.error?.code).toBe(7)
    const local = { cookie: await fresh.localCookie() }
    expect(
      (await fresh.call('auth.reset-password', { newPassword: 'another one' }, local)).body.result,
    ).toBeNull()
    expect((await fresh.call('server.time', {})).body.error?.code).toBe(34)
    expect((await fresh.call('auth.login', { password: 'another one' }, NONE)).body.error).toBeUndefined()
  })

  it('that was just changed opens no login any more, however the two calls meet', async () => {
    await using fresh = await World.running()
    const local = { cookie: await fresh.localCookie() }
    let changed = false
    const tryOldPassword = async () => {
      while (!changed) await fresh.call('auth.login', { password: PASSWORD }, local)
    }
    const attempts = [tryOldPassword(), tryOldPassword()]
    await fresh.ok('auth.reset-password', { oldPassword: PASSWORD, newPassword: 'another one' })
    changed = true
    await Promise.all(attempts)
    const { current, sessions } = (await fresh.ok('auth.session.list', {})) as {
      current: string
      sessions: object
    }
    expect(Object.keys(sessions)).toEqual([current])
  }, 30_000)
})

describe('a page of another origin', () => {
  const foreign = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
  ]

  it.each(foreign)('cannot use the browser’s login: %o', async (headers) => {
    const port = new URL(world.daemon.url).port
    expect((await world.call('db.dump', {}, headers)).body.error?.code).toBe(34)
    expect((await world.call('auth.login', { password: PASSWORD }, headers)).body.error?.code).toBe(34)
    expect(
      (await world.call('server.time', {}, { origin: `http://127.0.0.1:${Number(port) + 1}` })).body.error
        ?.code,
    ).toBe(34)
  })

  it('can see what anybody sees, with credentials', async () => {
    const answer = await world.call('echo', { message: 'hi' }, { origin: 'http://attic.local' })
    expect(answer.body.result).toBe('hi')
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://attic.local')
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
    const preflight = await fetch(`${world.daemon.url}/rpc/v1`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://attic.local',
        'access-control-request-headers': 'content-type',
        'access-control-request-method': 'POST',
      },
    })
    expect(preflight.status).toBe(200)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type')
  })

  it('gets CORS headers on parse errors too', async () => {
    const answer = await world.post('{', { origin: 'http://attic.local' })
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://attic.local')
  })

  it('cannot open a stream, and the stream stays usable', async () => {
    const { guid } = (await world.ok('db.subscribe', {})) as { guid: string }
    const refused = world.socket(guid, { origin: 'http://evil.example' })
    const error = await new Promise<Error>((resolve) => refused.once('error', resolve))
    expect(error.message).toContain('403')
    const socket = world.socket(guid, { origin: world.daemon.url })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.terminate()
  })

  it('may be our own', async () => {
    const headers = { origin: world.daemon.url, 'sec-fetch-site': 'same-origin' }
    expect((await world.call('server.time', {}, headers)).body.error).toBeUndefined()
  })
})
