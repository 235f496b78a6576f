import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { publicKeyOf, publicKeyPem } from '@startd/base/s9pk/index.ts'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { RequestSignatures } from '../../src/rpc/request-signatures.ts'
import { signedNames } from '../../src/rpc/server-names.ts'
import { type Freshness, signRequest } from '../../src/s9pk/publish/request-signature.ts'
import { PASSWORD, World } from './world.ts'

const seed = Uint8Array.from({ length: 32 }, (_, at) => at)
const pem = publicKeyPem(publicKeyOf(seed))
const ID = 'SHA256:Vkdap1RjR0wChd9dvyvKtz2mUTWIOem3dIGy6rEHcIw'

describe('a signature', () => {
  const START = 1_700_000_000
  const BODY = Buffer.from('{"id":0,"method":"state","params":{}}')
  const VECTOR =
    'timestamp=1700000000&nonce=81985529216486895&size=37&blake3=YkwWAvzdG1O%2Bo6ZcYoDJGp223wp%2BCrTEoPFeIHRWpiA' +
    '&signer=-----BEGIN+PUBLIC+KEY-----%0AMCowBQYDK2VwAyEAA6EHv%2FPOEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg%3D%0A-----END+PUBLIC+KEY-----%0A' +
    '&signature=-----BEGIN+SIGNATURE-----%0AMEkwBQYDK2VwBEDQ%2Fie5MrqyV88reabZzHOUlMDMwRcfi%2FjFq2ZpLsF2oLx6aQV%2F%0AWyb5iZn%2FJ4Foe0Sf4h85ZOEvIazWKTWoFo0K%0A-----END+SIGNATURE-----%0A'

  const server = (names = ['localhost'], keys = [pem]) => {
    let now = START - 60
    const signatures = new RequestSignatures({ keys: () => keys, names: () => names }, () => now * 1000)
    now = START
    const open = (header: string, address = '10.0.0.1') => signatures.open(header, null, address)
    const sign = (freshness: Partial<Freshness>, context = 'localhost') =>
      signRequest(BODY, { seed, context }, { timestamp: START, nonce: 7n, ...freshness })
    return { open, sign, at: (seconds: number) => (now = START + seconds) }
  }
  const code = (act: () => unknown): number => {
    try {
      act()
      return 0
    } catch (error) {
      return (error as { code: number }).code
    }
  }

  it('of the published example is good, and for its body alone', () => {
    const { open } = server(['attic', 'localhost'])
    const signed = open(VECTOR)
    expect(signed).toMatchObject({ signer: ID, size: 37 })
    signed.check(BODY)
    expect(code(() => signed.check(Buffer.from(BODY.toString().replace('state', 'stat2'))))).toBe(31)
    expect(code(() => signed.check(Buffer.concat([BODY, Buffer.from(' ')])))).toBe(31)
  })

  it('is good once, however long after', () => {
    const { open, at } = server()
    open(VECTOR)
    for (const seconds of [0, 15, 30]) {
      at(seconds)
      expect(code(() => open(VECTOR))).toBe(34)
    }
    at(31)
    expect(code(() => open(VECTOR))).toBe(31)
  })

  it('is not used up by one that was changed', () => {
    const { open } = server()
    expect(code(() => open(VECTOR.replace('size=37', 'size=38')))).toBe(31)
    open(VECTOR)
  })

  it.each([
    [-31, 31],
    [-29, 0],
    [29, 0],
    [31, 31],
  ])('made %i seconds from now answers %i', (seconds, expected) => {
    const { open, sign } = server()
    expect(code(() => open(sign({ timestamp: START + seconds })))).toBe(expected)
  })

  it('made before the server started does not count, since its nonces are forgotten', () => {
    const signatures = new RequestSignatures(
      { keys: () => [pem], names: () => ['localhost'] },
      () => START * 1000,
    )
    const header = signRequest(BODY, { seed, context: 'localhost' }, { timestamp: START - 1, nonce: 1n })
    expect(code(() => signatures.open(header, null, '10.0.0.1'))).toBe(31)
  })

  it('for another server, or of another key, does not count', () => {
    const { open, sign } = server()
    expect(code(() => open(sign({}, 'other.local')))).toBe(31)
    expect(code(() => server(['localhost'], []).open(VECTOR))).toBe(7)
    expect(code(() => server([]).open(VECTOR))).toBe(31)
  })

  it('that is wrong costs its sender the right to more of them, and nobody else', () => {
    const { open, sign } = server()
    for (let i = 0; i < 20; i++) expect(code(() => open(sign({ nonce: BigInt(i) }, 'other')))).toBe(31)
    expect(code(() => open(sign({})))).toBe(37)
    expect(code(() => open(sign({}), '10.0.0.2'))).toBe(0)
  }, 20_000)

  it.each([
    '',
    'timestamp=1',
    VECTOR.replace('1700000000', '1e9'),
    VECTOR.replace('81985529216486895', '18446744073709551616'),
    VECTOR.replace('size=37', 'size=99999999999999999999'),
    VECTOR.replace('MEkw', 'MEkx'),
    VECTOR.replace('BEGIN+PUBLIC', `BEGIN+PUBLIC${'%0A'.repeat(5000)}`),
    '&'.repeat(10_000),
    '%'.repeat(10_000),
  ])('that cannot be read is refused: %.60s', (header) => {
    expect(code(() => server().open(header))).toBe(31)
  })
})

describe('a name that was signed for', () => {
  const own = ['attic.local', 'attic', 'cloud.example.com']

  it.each([
    ['attic.local', '10.0.0.7', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '10.0.0.7', false],
    ['::1', '::1', true],
    ['localhost', '127.0.0.1', true],
    ['localhost', '10.0.0.7', false],
    ['203.0.113.5', '10.0.0.7', false],
    ['nas.local', '10.0.0.7', false],
  ])('%s from %s counts: %s', (asked, from, counts) => {
    const name = asked.includes(':') ? `[${asked}]` : asked
    expect(signedNames(own, asked, from).includes(name)).toBe(counts)
  })
})

describe('signed requests to a server', () => {
  let world: World
  beforeAll(async () => {
    world = await World.running()
    await world.ok('auth.key.add', { key: pem, password: PASSWORD })
  })
  afterAll(() => world[Symbol.asyncDispose]())

  const send = (method: string, params: object, key = seed, headers: Record<string, string> = {}) => {
    const body = JSON.stringify({ id: 1, method, params })
    const signature = signRequest(Buffer.from(body), { seed: key, context: '127.0.0.1' })
    return world.post(body, { cookie: 'a=b', 'x-startos-auth-sig': signature, ...headers })
  }

  it('open everything, without a login', async () => {
    expect((await send('auth.session.list', {})).body.result).toMatchObject({ current: null })
    const login = await send('auth.login', { password: PASSWORD })
    expect(login.headers.get('set-cookie')).toBeNull()
  })

  it('may be as large as those of a login', async () => {
    const { body } = await send('db.put.ui', { pointer: '/big', value: 'x'.repeat(1_000_000) })
    expect(body.result).toBeNull()
  })

  it('are refused with what is wrong of them, but only where it matters', async () => {
    const strange = await send('server.time', {}, new Uint8Array(32))
    expect(strange.body).toMatchObject({ error: { code: 7 }, id: null })
    expect((await send('state', {}, new Uint8Array(32))).body.result).toBe('running')
    const good = await send('server.time', {}, new Uint8Array(32), { cookie: world.cookie })
    expect(good.body.error).toBeUndefined()
  })

  it('do not help a page of another site', async () => {
    expect((await send('server.time', {}, seed, { origin: 'http://evil.example' })).body.error?.code).toBe(34)
  })

  it('end with the key, and so do its streams', async () => {
    const { guid } = (await send('db.subscribe', {})).body.result as { guid: string }
    const socket = world.socket(guid)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await world.ok('auth.key.remove', { ids: [ID] })
    expect((await closed)[0]).toBe(1006)
    expect((await send('server.time', {})).body.error?.code).toBe(7)
  })
})

describe('the keys of a server', () => {
  it('are added by who knows the password, and end when it is changed', async () => {
    await using world = await World.running()
    const [own] = (await world.ok('auth.key.list', {})) as { id: string; server: boolean }[]
    expect(own?.server).toBe(true)
    expect((await world.call('auth.key.add', { key: pem })).body.error?.code).toBe(7)
    expect(
      (await world.call('auth.key.add', { key: 'ssh-ed25519 AAAA', password: PASSWORD })).body.error?.code,
    ).toBe(60)
    expect(await world.ok('auth.key.add', { key: pem, password: PASSWORD })).toEqual({ id: ID })
    await world.ok('auth.key.add', { key: pem, password: PASSWORD })
    expect(await world.ok('auth.key.list', {})).toHaveLength(2)
    expect((await world.call('auth.key.remove', { ids: [own?.id] })).body.error?.code).toBe(38)
    await world.ok('auth.reset-password', { oldPassword: PASSWORD, newPassword: 'another one' })
    expect(await world.ok('auth.key.list', {})).toEqual([own])
  })

  it('serve the command line of another machine', async () => {
    await using world = await World.running()
    const home = await mkdtemp(join(tmpdir(), 'startd-home-'))
    onTestFinished(() => rm(home, { recursive: true }))
    const cli = async (args: string[], password?: string) => {
      const program = resolve(import.meta.dirname, '../../src/bin/start-cli.ts')
      const env = { PATH: process.env['PATH'], HOME: home, STARTD_DATA: '/nonexistent', PASSWORD: password }
      const child = spawn(process.execPath, [program, '--host', world.daemon.url, ...args], { env })
      child.stdin.end()
      const [out, error, [status]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number]>,
      ])
      return { status, out, error }
    }
    expect(await cli(['auth', 'login', '--key'], 'wrong')).toMatchObject({ status: 7 })
    expect(await cli(['server', 'time'])).toMatchObject({ status: 34 })
    expect(await cli(['auth', 'login', '--key'], PASSWORD)).toMatchObject({ status: 0, error: '' })
    expect(await cli(['auth', 'login', '--key'])).toMatchObject({ status: 0, error: '' })
    expect(await cli(['server', 'time'])).toMatchObject({ status: 0, error: '' })
    const { sessions } = (await world.ok('auth.session.list', {})) as { sessions: object }
    expect(Object.keys(sessions)).toHaveLength(1)
  }, 30_000)
})
