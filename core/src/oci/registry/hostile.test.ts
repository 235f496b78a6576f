import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CodedError } from '@startd/base/errors.ts'
import { digestOf, partsOf } from '../digest.ts'
import { imageOf } from '../test/images.ts'
import { tarOf } from '../test/layers.ts'
import { registryImage } from './index.ts'

const layer = tarOf({ path: 'big', content: Buffer.alloc(300_000, 'startd ') })
const image = imageOf([layer], { packings: ['plain'] })
const layerDigest = digestOf(layer)

type Handler = (request: IncomingMessage, response: ServerResponse) => void
let world: string
let server: Server
let host: string
let handler: Handler
let asked: string[]

beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'hostile-test-'))
  asked = []
  server = createServer((request, response) => {
    asked.push(`${request.url?.replace(/sha256:\w+/, 'DIGEST')} ${request.headers.range ?? ''}`.trim())
    handler(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(world, { recursive: true })
})

/** Answers as a registry does, except where `odd` takes a request over. */
function honest(odd: (request: IncomingMessage, response: ServerResponse) => boolean = () => false): Handler {
  return (request, response) => {
    if (odd(request, response)) return
    const name = request.url?.split('/').at(-1) ?? ''
    const bytes = image.blobs.get(name === 'latest' ? image.root.digest : name)
    if (bytes === undefined) return void response.writeHead(404).end()
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
    response.writeHead(from > 0 ? 206 : 200, {
      'content-type': request.url?.includes('/manifests/')
        ? image.root.mediaType
        : 'application/octet-stream',
      ...(from > 0 && range),
    })
    response.end(bytes.subarray(from))
  }
}

const pull = async () => {
  const found = await registryImage(`${host}/app`, {
    arch: 'x86_64',
    cacheDir: join(world, 'blobs'),
    onStep: () => undefined,
    credentials: null,
    patience: { silence: 1000, retry: 1, attempts: 3 },
  })
  const [only] = await found.layers()
  return buffer(only!.open())
}
const refusal = async () => {
  const error = await pull().catch((thrown: unknown) => thrown)
  if (!(error instanceof CodedError)) throw new Error('was fetched or failed otherwise', { cause: error })
  return `${error.kind}: ${error.details}`
}
const isLayer = (request: IncomingMessage) => request.url?.endsWith(layerDigest) ?? false
const kept = () => readdir(join(world, 'blobs/sha256'))

describe('a download that is cut', () => {
  const cutOnce = (more: (response: ServerResponse) => void) => {
    let cuts = 0
    handler = honest((request, response) => {
      if (!isLayer(request) || cuts++ > 0) return false
      response.writeHead(200)
      response.write(layer.subarray(0, 100_000), () => more(response))
      return true
    })
  }

  it('goes on where it ended', async () => {
    cutOnce((response) => response.destroy())
    expect((await pull()).equals(layer)).toBe(true)
    expect(asked.slice(-2)).toEqual(['/v2/app/blobs/DIGEST', expect.stringMatching(/DIGEST bytes=\d+-$/)])
  })

  it('goes on when the registry has fallen silent', async () => {
    cutOnce(() => undefined)
    expect((await pull()).equals(layer)).toBe(true)
    expect(asked.at(-1)).toMatch(/bytes=100000-$/)
  })

  it('starts anew when the registry knows no ranges', async () => {
    cutOnce((response) => response.destroy())
    const ranged = handler
    handler = (request, response) => {
      delete request.headers.range
      ranged(request, response)
    }
    expect((await pull()).equals(layer)).toBe(true)
  })

  it('is gone on with by the next process, and begun anew when what is left is damaged', async () => {
    const [algorithm, hex] = partsOf(layerDigest)
    await mkdir(join(world, 'blobs', algorithm), { recursive: true })
    const left = join(world, 'blobs', algorithm, `${hex}.4194305.part`)
    handler = honest()
    await writeFile(left, layer.subarray(0, 200_000))
    expect((await pull()).equals(layer)).toBe(true)
    expect(asked.at(-1)).toMatch(/bytes=200000-$/)
    await rm(join(world, 'blobs', algorithm, hex))
    await writeFile(left, Buffer.alloc(1000, 'wrong'))
    expect((await pull()).equals(layer)).toBe(true)
    expect(asked.slice(-2)).toEqual([expect.stringMatching(/bytes=1000-$/), '/v2/app/blobs/DIGEST'])
    expect((await kept()).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('is given up when nothing comes any more', async () => {
    handler = honest((request, response) => isLayer(request) && (response.destroy(), true))
    expect(await refusal()).toMatch(/Network: could not fetch from 127\.0\.0\.1/)
    expect(asked.filter((line) => line.includes('blobs')).length).toBe(4)
    handler = () => undefined
    expect(await refusal()).toMatch(/Timeout: 127.* keeps silent for 1 seconds/)
  })
})

describe('a registry that lies', () => {
  const instead = (bytes: Buffer) => {
    handler = honest((request, response) => isLayer(request) && (response.end(bytes), true))
  }

  it('is found out by the digest, and nothing of it is kept', async () => {
    instead(Buffer.alloc(layer.length, 'x'))
    expect(await refusal()).toMatch(/Deserialization: layer 1 of .* does not match its digest sha256:/)
    expect(await kept()).toHaveLength(2)
  })

  it('may not send more than it announced', async () => {
    instead(Buffer.concat([layer, layer]))
    expect(await refusal()).toMatch(/is longer than the \d+ bytes announced/)
    expect(await kept()).toHaveLength(2)
  })

  it('is told so when a manifest is nonsense', async () => {
    const answer = (text: string, type = 'application/vnd.oci.image.manifest.v1+json') => {
      handler = (_, response) => response.writeHead(200, { 'content-type': type }).end(text)
      return refusal()
    }
    expect(await answer('<html>')).toMatch(/Deserialization: the manifest of .* is not JSON/)
    expect(await answer('{}')).toMatch(/the manifest of .* is not valid \(config/)
    expect(await answer('{"schemaVersion":1}')).toMatch(/version 1, which is too old/)
    expect(await answer('x'.repeat(5_000_000))).toMatch(/Pack: the manifest of .* longer than/)
    const config = { digest: layerDigest, size: 9e15 }
    expect(await answer(JSON.stringify({ config, layers: [] }))).toMatch(
      /Pack: the configuration .* too long/,
    )
    const evil = { digest: 'sha256:../../../etc/passwd', size: 1 }
    expect(await answer(JSON.stringify({ config: evil, layers: [] }))).toMatch(/config\.digest: not a sha256/)
  })

  it('is not followed round in circles, nor away from HTTP', async () => {
    const redirect = (location: string) => {
      handler = (_, response) => response.writeHead(302, { location }).end()
      return refusal()
    }
    expect(await redirect('/v2/again')).toMatch(/Network: .* without end/)
    expect(asked).toHaveLength(18)
    expect(await redirect('file:///etc/passwd')).toMatch(/something that is no address/)
  })

  it('does not get our log-in for somebody else', async () => {
    const seen: (string | undefined)[] = []
    const store = createServer((request, response) => {
      seen.push(request.headers.authorization)
      honest()(request, response)
    }).listen(0, '127.0.0.1')
    await once(store, 'listening')
    const elsewhere = `http://127.0.0.1:${(store.address() as AddressInfo).port}`
    handler = honest((request, response) => {
      if (request.headers.authorization === undefined) {
        response
          .writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token",service="s"` })
          .end()
      } else if (isLayer(request)) response.writeHead(307, { location: `${elsewhere}${request.url}` }).end()
      else return false
      return true
    })
    const guarded = handler
    handler = (request, response) =>
      request.url?.startsWith('/token') ? response.end('{"token":"abc"}') : guarded(request, response)
    expect((await pull()).equals(layer)).toBe(true)
    store.close()
    expect(seen).toEqual([undefined])
    expect(asked).toContain('/token?service=s&scope=repository%3Aapp%3Apull')
  })

  it('may answer with errors', async () => {
    handler = (_, response) =>
      response.writeHead(400).end('{"errors":[{"code":"NAME_INVALID","message":"bad \\u001b[31mname"}]}')
    expect(await refusal()).toMatch(/Network: .* answers 400 when asked for app:latest: bad {2}\[31mname/)
    handler = (_, response) => response.writeHead(401).end()
    expect(await refusal()).toMatch(/Authorization: .* needs a log-in/)
    asked.length = 0
    handler = (_, response) => response.writeHead(503).end()
    expect(await refusal()).toMatch(/answers 503/)
    expect(asked).toHaveLength(3)
  })
})
