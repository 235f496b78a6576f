import { CompactEncrypt, FlattenedEncrypt, GeneralEncrypt, importJWK, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { WrappedSecrets } from '../../src/rpc/wrapped-secrets.ts'
import { PASSWORD, World } from './world.ts'

const HEADER = { alg: 'ECDH-ES', enc: 'A128CBC-HS256' } as const
const bytes = (text: string) => new TextEncoder().encode(text)
const wrap = async (key: object, text: string, extra: object = {}) =>
  new FlattenedEncrypt(bytes(text))
    .setProtectedHeader({ ...HEADER, ...extra })
    .encrypt(await importJWK(key as JWK, 'ECDH-ES'))

describe('a wrapped secret', () => {
  const own = new WrappedSecrets()

  it.each(['', 'secret', 'ünï©ødé 🔑', 'x'.repeat(1000)])(
    'is read as it was written: %.20s',
    async (text) => {
      expect(own.open(await wrap(own.publicKey, text))).toBe(text)
    },
  )

  it('may carry an id of the key, and names of both sides', async () => {
    expect(own.open(await wrap(own.publicKey, 'a', { kid: 'x' }))).toBe('a')
    const named = await new FlattenedEncrypt(bytes('b'))
      .setProtectedHeader(HEADER)
      .setKeyManagementParameters({ apu: bytes('Alice'), apv: bytes('Bob') })
      .encrypt(await importJWK(own.publicKey, 'ECDH-ES'))
    expect(own.open(named)).toBe('b')
  })

  it('may be written with a list of recipients', async () => {
    const general = new GeneralEncrypt(bytes('c')).setProtectedHeader(HEADER)
    general.addRecipient(await importJWK(own.publicKey, 'ECDH-ES'))
    expect(own.open(await general.encrypt())).toBe('c')
  })

  it('is refused in one way, whatever is wrong with it', async () => {
    const good = await wrap(own.publicKey, 'secret')
    const flip = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const { epk } = JSON.parse(Buffer.from(good.protected ?? '', 'base64url').toString()) as { epk: object }
    const bad: unknown[] = [
      {},
      { ...good, tag: flip(good.tag ?? '') },
      { ...good, tag: '' },
      { ...good, iv: flip(good.iv ?? '') },
      { ...good, iv: '' },
      { ...good, ciphertext: good.ciphertext.slice(0, -4) },
      { ...good, ciphertext: flip(good.ciphertext) },
      { ...good, protected: flip(good.protected ?? '') },
      { ...good, protected: header({ ...HEADER, epk: { ...epk, x: 'A'.repeat(43) } }) },
      { ...good, protected: header({ ...HEADER, alg: 'dir', epk }) },
      { ...good, protected: header({ ...HEADER, zip: 'DEF', epk }) },
      { ...good, protected: header([]) },
      { ...good, protected: 'x'.repeat(10_000) },
      { ...good, recipients: Array(100).fill({}) },
      await wrap(new WrappedSecrets().publicKey, 'secret'),
      await new CompactEncrypt(bytes('x'))
        .setProtectedHeader(HEADER)
        .encrypt(await importJWK(own.publicKey, 'ECDH-ES')),
    ]
    const texts = bad.map((envelope) => {
      try {
        return own.open(envelope)
      } catch (error) {
        return (error as { code: number; message: string }).code + (error as Error).message
      }
    })
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toMatch(/^1Something went wrong: /)
  })
})

describe('a password that comes wrapped', () => {
  it('sets a server up, logs in and is changed', async () => {
    await using world = await World.create()
    const key = (await world.ok('setup.get-pubkey', {})) as object
    expect(key).toEqual({ kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) } as object)
    const { guid } = (await world.ok('setup.execute', {
      password: { encrypted: await wrap(key, PASSWORD) },
      name: 'Attic',
    })) as { guid: string }
    await world.frames(guid)
    await world.ok('setup.exit', {})
    await world.daemon.started
    await world.logIn()
    expect(await world.ok('auth.get-pubkey', {})).toEqual(key)
    const secret = async (text: string) => ({ encrypted: await wrap(key, text) })
    await world.ok('auth.reset-password', {
      oldPassword: await secret(PASSWORD),
      newPassword: await secret('another one'),
    })
    expect(await world.ok('auth.login', { password: await secret('another one') })).toHaveProperty('session')
    expect((await world.call('auth.login', { password: await secret(PASSWORD) })).body.error?.code).toBe(7)
    expect((await world.call('auth.login', { password: { encrypted: {} } })).body.error?.code).toBe(1)
  })
})
