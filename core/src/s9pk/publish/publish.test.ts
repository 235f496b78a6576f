import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import archives from '../../../../sdk/base/test/vectors/s9pk-archives.json' with { type: 'json' }
import signing from '../../../../sdk/base/test/vectors/signing.json' with { type: 'json' }
import { initKey, pubkey } from '../cli/keys.ts'
import { type PublishOptions, publish } from './index.ts'
import { registryAddress } from './registry-address.ts'
import { SIGNATURE_HEADER, signRequest } from './request-signature.ts'
import { TestRegistry } from './test/registry.ts'

const vector = archives.vectors.find(({ name }) => name === 's9pk-tiny-pack-order')!
const bytes = Buffer.from(vector.bytesHex, 'hex')

describe('the signature of a request', () => {
  it('is the one that others compute', () => {
    const known = signing.vectors.find(({ name }) => name === 'request-commitment')!
    const { timestamp, nonce } = known.commitment as { timestamp: number; nonce: string }
    const signer = { seed: Buffer.from(signing.key.seedHex, 'hex'), context: known.context }
    const value = signRequest(Buffer.from(known.bodyUtf8!), signer, { timestamp, nonce: BigInt(nonce) })
    expect(SIGNATURE_HEADER).toBe(known.headerName)
    expect(value).toBe(known.headerValue)
  })
})

describe('publishing', () => {
  let world: string
  let file: string
  let developerKey: string
  let registry: TestRegistry
  beforeEach(async () => {
    world = await mkdtemp(join(tmpdir(), 'publish-test-'))
    file = join(world, 'tiny.s9pk')
    developerKey = join(world, 'key.pem')
    await writeFile(file, bytes)
    await initKey(developerKey)
    registry = await TestRegistry.start()
    registry.allowed.add(await pubkey(developerKey))
  })
  afterEach(async () => {
    await registry[Symbol.asyncDispose]()
    await rm(world, { recursive: true })
  })
  const run = (options: Partial<PublishOptions> = {}) =>
    publish(file, {
      registry: registry.url,
      base: `${registry.url}/files/`,
      upload: { kind: 'put', authorization: null },
      developerKey,
      ...options,
    })

  it('uploads the package and enters it, with signatures that hold', async () => {
    const url = `${registry.url}/files/tiny/1.0.0:0/tiny.s9pk`
    expect(await run()).toEqual({
      id: 'tiny',
      version: '1.0.0:0',
      registry: `${registry.url}/`,
      urls: [url],
      ...vector.commitment,
    })
    expect(registry.files.get('/files/tiny/1.0.0:0/tiny.s9pk')).toEqual(bytes)
    expect(registry.entries).toEqual([
      { urls: [url], commitment: vector.commitment, signature: expect.stringContaining('BEGIN SIGNATURE') },
    ])
  })

  it('checks what the server really sends, with ranges and without', async () => {
    const damaged = Buffer.from(bytes)
    damaged[bytes.length - 1]! ^= 1
    registry.files.set('/mirror.s9pk', damaged)
    const urls = [`${registry.url}/mirror.s9pk`]
    for (registry.ranges of [true, false]) {
      await expect(run({ urls })).rejects.toThrow(/mirror\.s9pk does not answer with this package/)
    }
    expect(registry.entries).toEqual([])
    registry.files.set('/mirror.s9pk', bytes)
    for (registry.ranges of [true, false]) expect(await run({ urls })).toMatchObject({ urls })
    await expect(run({ urls: [`${registry.url}/none.s9pk`] })).rejects.toMatchObject({
      kind: expect.any(String),
    })
  })

  it('does not upload a package that is damaged', async () => {
    await writeFile(file, bytes.subarray(0, -1))
    await expect(run()).rejects.toThrow(/incomplete/)
    expect(registry.files.size).toBe(0)
  })

  it('passes on what the upload and the registry have against it', async () => {
    registry.authorization = 'Bearer secret'
    await expect(run()).rejects.toThrow(/did not take the package: 401 who are you\?/)
    await run({ upload: { kind: 'put', authorization: 'Bearer secret' } })
    registry.allowed.clear()
    const authorized = { upload: { kind: 'put', authorization: 'Bearer secret' } } as const
    await expect(run(authorized)).rejects.toMatchObject({
      kind: 'Authorization',
      details: expect.stringMatching(/Unknown signer.*start-cli pubkey/),
    })
    registry.hostnames = ['registry.example.com']
    await expect(run(authorized)).rejects.toMatchObject({ kind: 'InvalidSignature' })
    registry.allowed.add(await pubkey(developerKey))
    await run({ ...authorized, registryHostname: 'registry.example.com' })
  })

  it('says when there is no registry at an address', async () => {
    const urls = [`${registry.url}/x`]
    registry.files.set('/x', bytes)
    await expect(run({ urls, registry: 'http://127.0.0.1:1' })).rejects.toThrow(/could not be reached/)
    await expect(run({ urls, registry: `${registry.url}/elsewhere` })).rejects.toThrow(/No such path/)
    await expect(run({ base: undefined })).rejects.toThrow(/--s9pk-s3base/)
  })
})

describe('the address of a registry', () => {
  it('may be a name that the workspace gives it', async () => {
    await using workspace = await temporary()
    const project = join(workspace.path, 'packages/one')
    await mkdir(project, { recursive: true })
    await expect(registryAddress(undefined, project)).rejects.toThrow(/--registry/)
    expect((await registryAddress('https://a.example', project)).href).toBe('https://a.example/')
    await mkdir(join(workspace.path, '.startos'))
    const config = 'schema: 1\nregistry: { default: https://b.example, beta: https://c.example }'
    await writeFile(join(workspace.path, '.startos/config.yaml'), config)
    expect((await registryAddress(undefined, project)).href).toBe('https://b.example/')
    expect((await registryAddress('beta', project)).href).toBe('https://c.example/')
    await expect(registryAddress('gamma', project)).rejects.toThrow(/default, beta/)
  })
})

async function temporary() {
  const path = await mkdtemp(join(tmpdir(), 'publish-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
