import { createHash } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { ed25519ph } from '@noble/curves/ed25519.js'
import { blake3 } from '@noble/hashes/blake3.js'

/** What `package.add` was called with. */
export interface Entry {
  urls: string[]
  commitment: { rootSighash: string; rootMaxsize: number }
  signature: string
}

/**
 * A web server that keeps what is PUT to it, as object stores do, and the part of a registry that takes packages, written after the
 * specification alone (registry.md §4 and §6.2) and with other cryptography than the program has.
 */
export class TestRegistry implements AsyncDisposable {
  readonly files = new Map<string, Buffer>()
  readonly entries: Entry[] = []
  /** PEM of those who may publish. */
  readonly allowed = new Set<string>()
  /** Names that requests may be signed for. */
  hostnames = ['127.0.0.1']
  authorization: string | null = null
  ranges = true
  readonly #nonces = new Set<string>()
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => {
      response.statusCode = 500
      response.end(String(error))
    })
  })

  static async start(): Promise<TestRegistry> {
    const registry = new TestRegistry()
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve))
    return registry
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? '')
    if (request.method === 'PUT') {
      if (this.authorization !== null && request.headers.authorization !== this.authorization) {
        response.statusCode = 401
        return void response.end('who are you?')
      }
      const bytes = await buffer(request)
      this.files.set(path, bytes)
      // Object stores answer with what they have understood.
      response.setHeader('etag', `"${createHash('md5').update(bytes).digest('hex')}"`)
      return void response.end()
    }
    if (path.endsWith('?location')) return void response.end('<LocationConstraint/>')
    if (request.method === 'GET') return this.#send(path, request.headers.range, response)
    response.setHeader('content-type', 'application/json')
    const outcome = path.startsWith('/rpc/')
      ? await this.#call(request)
      : { code: -32601, message: 'No such path' }
    response.end(JSON.stringify(outcome === null ? { id: 0, result: null } : { id: 0, error: outcome }))
  }

  #send(path: string, range: string | undefined, response: ServerResponse): void {
    const file = this.files.get(path)
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
    if (!file) {
      response.statusCode = 404
      return void response.end()
    }
    if (!this.ranges || from === undefined) return void response.end(file)
    const part = file.subarray(Number(from), Number(to) + 1)
    response.statusCode = 206
    response.setHeader('content-range', `bytes ${from}-${Number(from) + part.length - 1}/${file.length}`)
    response.end(part)
  }

  async #call(request: IncomingMessage): Promise<{ code: number; message: string; data?: object } | null> {
    const body = await buffer(request)
    const fault = this.#signatureFault(
      body,
      new URLSearchParams(String(request.headers['x-startos-auth-sig'])),
    )
    if (fault) return { code: 31, message: 'Signature check failed', data: { details: fault } }
    const signer = new URLSearchParams(String(request.headers['x-startos-auth-sig'])).get('signer') ?? ''
    const { method, params } = JSON.parse(body.toString()) as { method: string; params: Entry }
    if (method !== 'package.add') return { code: -32601, message: 'Method not found' }
    const { rootSighash, rootMaxsize } = params.commitment
    const message = Buffer.concat([Buffer.from(rootSighash, 'base64'), bigEndian(rootMaxsize)])
    if (!isSigned(params.signature, message, signer, 's9pk'))
      return { code: 31, message: 'Signature check failed', data: { details: 'commitment' } }
    if (!this.allowed.has(signer))
      return { code: 34, message: 'Unauthorized', data: { details: 'Unknown signer' } }
    for (const url of params.urls) {
      const header = Buffer.from(await (await fetch(url)).arrayBuffer()).subarray(0, 155)
      if (!header.subarray(99, 139).equals(message))
        return {
          code: 31,
          message: 'Signature check failed',
          data: { details: `${url}: merkle root mismatch` },
        }
    }
    this.entries.push(params)
    return null
  }

  #signatureFault(body: Buffer, fields: URLSearchParams): string | null {
    const names = ['timestamp', 'nonce', 'size', 'blake3', 'signer', 'signature']
    if ([...fields.keys()].join() !== names.join()) return 'fields'
    const [timestamp, nonce, size, hash, signer, signature] = names.map((name) => fields.get(name) ?? '')
    const message = Buffer.concat([
      bigEndian(timestamp!),
      bigEndian(nonce!),
      bigEndian(size!),
      Buffer.from(hash!, 'base64'),
    ])
    if (!this.hostnames.some((name) => isSigned(signature!, message, signer!, name)))
      return 'no valid signature context'
    if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 30) return 'timestamp'
    if (this.#nonces.has(nonce!)) return 'replay'
    this.#nonces.add(nonce!)
    const same =
      Buffer.from(blake3(body)).equals(Buffer.from(hash!, 'base64')) && body.length === Number(size)
    return same ? null : 'body'
  }
}

function bigEndian(value: string | number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

function isSigned(signaturePem: string, message: Uint8Array, keyPem: string, context: string): boolean {
  const signature = der(signaturePem, 'SIGNATURE', '3049300506032b65700440')
  const key = der(keyPem, 'PUBLIC KEY', '302a300506032b6570032100')
  return ed25519ph.verify(signature, message, key, { context: Buffer.from(context) })
}

/** The bytes after the fixed beginning of a DER structure. */
function der(pem: string, label: string, beginning: string): Buffer {
  const body =
    new RegExp(`^-----BEGIN ${label}-----\n([^-]*)\n-----END ${label}-----\n$`).exec(pem)?.[1] ?? ''
  const bytes = Buffer.from(body, 'base64')
  if (!bytes.toString('hex').startsWith(beginning)) throw new Error(`not a ${label}: ${pem}`)
  return bytes.subarray(beginning.length / 2)
}
