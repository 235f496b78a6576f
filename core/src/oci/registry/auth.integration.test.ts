import { X509Certificate, createPrivateKey, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { imageOf } from '../test/images.ts'
import { tarOf } from '../test/layers.ts'
import { startRegistry } from '../test/registry.ts'
import { storedCredentials } from './credentials.ts'
import { registryImage } from './index.ts'

const CREDENTIALS = { username: 'ada', password: 's3cret' }
const BASIC = `Basic ${Buffer.from('ada:s3cret').toString('base64')}`
/** What `htpasswd -B` makes of them. */
const HTPASSWD = 'ada:$2b$05$sBth1qejV7D6VNY.NQbfmeCoys9KHPznCikl/5qT0dxIRggWfl4q.\n'
const image = imageOf([tarOf({ path: 'a', content: 'a' })])

let world: string
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'auth-test-'))
})
afterEach(() => rm(world, { recursive: true }))

const pull = (host: string, credentials: typeof CREDENTIALS | null) =>
  registryImage(`${host}/private/app`, {
    arch: 'x86_64',
    cacheDir: join(world, 'blobs'),
    onStep: () => undefined,
    credentials,
  }).then((found) => found.layers())

describe('a registry that wants a log-in', () => {
  it('by password gets it, and says so when there is none', async () => {
    const path = join(world, 'htpasswd')
    await writeFile(path, HTPASSWD)
    await using registry = await startRegistry({ auth: { htpasswd: { realm: 'here', path } } })
    await registry.push('private/app', 'latest', image, BASIC)
    await expect(pull(registry.host, null)).rejects.toMatchObject({ kind: 'Authorization' })
    await expect(pull(registry.host, { ...CREDENTIALS, password: 'wrong' })).rejects.toMatchObject({
      kind: 'Authorization',
      details: expect.stringContaining('needs a log-in') as string,
    })
    expect(await pull(registry.host, CREDENTIALS)).toHaveLength(1)
  })

  it('by token gets one from the place that it names', async () => {
    const { key, certificate, bundle } = await signer()
    const asked: string[] = []
    await using place = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://here')
      asked.push(`${url.search} ${request.headers.authorization}`)
      const [, name = ''] = (url.searchParams.get('scope') ?? '').split(':')
      const granted = request.headers.authorization === BASIC ? tokenFor(name, key, certificate) : ''
      response.end(JSON.stringify({ token: granted }))
    }).listen(0, '127.0.0.1')
    await once(place, 'listening')
    const realm = `http://127.0.0.1:${(place.address() as AddressInfo).port}/token`
    const token = { realm, service: 'shop', issuer: 'issuer', rootcertbundle: bundle }
    await using registry = await startRegistry({ auth: { token } })
    await registry.push('private/app', 'latest', image, `Bearer ${tokenFor('private/app', key, certificate)}`)
    expect(await pull(registry.host, CREDENTIALS)).toHaveLength(1)
    expect(asked).toEqual([`?service=shop&scope=repository%3Aprivate%2Fapp%3Apull ${BASIC}`])
  })

  it('by token, with a certificate that nobody knows, refuses', async () => {
    const [ours, theirs] = [await signer(), await signer()]
    await using place = createServer((_, response) =>
      response.end(JSON.stringify({ access_token: tokenFor('private/app', theirs.key, theirs.certificate) })),
    ).listen(0, '127.0.0.1')
    await once(place, 'listening')
    const realm = `http://127.0.0.1:${(place.address() as AddressInfo).port}/token`
    const token = { realm, service: 'shop', issuer: 'issuer', rootcertbundle: ours.bundle }
    await using registry = await startRegistry({ auth: { token } })
    await expect(pull(registry.host, CREDENTIALS)).rejects.toMatchObject({ kind: 'Authorization' })
  })
})

it('finds what container engines have stored', async () => {
  const auths = {
    'https://index.docker.io/v1/': { auth: 'aHViOnA6dw==' },
    'host:5000': { auth: 'YTpi' },
    odd: {},
  }
  await writeFile(join(world, 'config.json'), JSON.stringify({ auths }))
  const env = { DOCKER_CONFIG: world, XDG_CONFIG_HOME: join(world, 'none') }
  expect(await storedCredentials('docker.io', env)).toEqual({ username: 'hub', password: 'p:w' })
  expect(await storedCredentials('host:5000', env)).toEqual({ username: 'a', password: 'b' })
  expect(await storedCredentials('odd', env)).toBeNull()
  await writeFile(join(world, 'config.json'), 'not json')
  expect(await storedCredentials('host:5000', env)).toBeNull()
})

async function signer() {
  const directory = await mkdtemp(join(world, 'signer-'))
  const [bundle, file] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file]
  await execa('openssl', ['req', '-x509', ...key, '-out', bundle, '-subj', '/CN=issuer', '-days', '1'])
  return { key: await readFile(file, 'utf8'), certificate: await readFile(bundle, 'utf8'), bundle }
}

/** A JSON web token as the distribution's token authentication describes it. */
function tokenFor(name: string, key: string, certificate: string): string {
  const now = Math.floor(Date.now() / 1000)
  const x5c = [new X509Certificate(certificate).raw.toString('base64')]
  const access = [{ type: 'repository', name, actions: ['pull', 'push'] }]
  const claims = {
    iss: 'issuer',
    aud: 'shop',
    sub: 'ada',
    exp: now + 300,
    nbf: now - 30,
    iat: now,
    jti: '1',
    access,
  }
  const parts = [{ typ: 'JWT', alg: 'ES256', x5c }, claims]
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(text), {
    key: createPrivateKey(key),
    dsaEncoding: 'ieee-p1363',
  })
  return `${text}.${signature.toString('base64url')}`
}
