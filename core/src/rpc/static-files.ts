import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** What to answer for a path of the web interface. */
export interface StaticAnswer {
  status: 200 | 206 | 304 | 404 | 416
  headers: Record<string, string>
  body: Buffer
}

type Encoding = 'identity' | 'br' | 'gzip'

interface CachedFile {
  readonly stamp: string
  readonly content: Buffer
  readonly etag: string
  readonly type: string
  readonly encoded: Map<Encoding, Promise<Buffer>>
  /** Hashes of the scripts inside a page, once somebody has asked. */
  scripts?: readonly string[]
}

/** What a request may say about the file that it wants. */
export interface StaticRequest {
  acceptEncoding?: string | undefined
  ifNoneMatch?: string | undefined
  range?: string | undefined
}

/**
 * The files of the web interface, kept in memory once read, with their compressed forms. A file that changes on
 * disk is read anew. Unknown paths without an extension get `index.html`, since the interface routes them itself.
 */
export class StaticFiles {
  readonly #directory: string
  readonly #files = new Map<string, CachedFile>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** `path` as in the URL. */
  async answer(path: string, request: StaticRequest): Promise<StaticAnswer> {
    const name = fileName(path)
    const file = name === null ? null : await this.#load(name)
    if (file) return respond(file, request, IMMUTABLE.test(name ?? ''))
    if (name === null || extname(name) !== '') return NOT_FOUND
    const index = await this.#load('index.html')
    return index ? respond(index, request, false) : NOT_FOUND
  }

  /** Source hashes of the scripts inside `index.html`, for the content security policy. */
  async inlineScriptHashes(): Promise<readonly string[]> {
    const index = await this.#load('index.html')
    return index === null ? [] : (index.scripts ??= scriptHashes(index.content.toString()))
  }

  async #load(name: string): Promise<CachedFile | null> {
    const path = join(this.#directory, name)
    const info = await stat(path).catch(() => null)
    if (!info?.isFile()) return null
    const stamp = `${info.mtimeMs}-${info.size}-${info.ino}`
    const known = this.#files.get(name)
    if (known?.stamp === stamp) return known
    const content = await readFile(path)
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`
    const file: CachedFile = { stamp, content, etag, type: typeOf(name), encoded: new Map() }
    this.#files.set(name, file)
    return file
  }
}

function scriptHashes(page: string): string[] {
  const scripts = page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi)
  return [...scripts].map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
}

/** The build puts a hash of the content into these names, so they never change. */
const IMMUTABLE =
  /(^|\/)(main|chunk|styles|polyfills|scripts|worker)-[\w-]{8}\.(js|css)$|-[A-Z0-9]{8}\.[a-z0-9]+$/
const NOT_FOUND: StaticAnswer = {
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: Buffer.from('Not Found'),
}

/** The path below the directory, or null for one that leads out of it. */
function fileName(path: string): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return null
  }
  const segments = decoded.split('/').filter((segment) => segment !== '')
  const safe = segments.every((segment) => !segment.startsWith('.') && !/[\\\0]/.test(segment))
  return safe ? segments.join('/') : null
}

async function respond(file: CachedFile, request: StaticRequest, immutable: boolean): Promise<StaticAnswer> {
  const headers: Record<string, string> = {
    etag: file.etag,
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'Accept-Encoding',
  }
  if (request.ifNoneMatch !== undefined && matches(request.ifNoneMatch, file.etag)) {
    return { status: 304, headers, body: Buffer.alloc(0) }
  }
  headers['content-type'] = file.type
  headers['accept-ranges'] = 'bytes'
  const range = parseRange(request.range, file.content.length)
  if (range === 'unsatisfiable') {
    return {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${file.content.length}` },
      body: Buffer.alloc(0),
    }
  }
  if (range) {
    headers['content-range'] = `bytes ${range.start}-${range.end}/${file.content.length}`
    return { status: 206, headers, body: file.content.subarray(range.start, range.end + 1) }
  }
  const encoding = chooseEncoding(file, request.acceptEncoding ?? '')
  if (encoding !== 'identity') headers['content-encoding'] = encoding
  return { status: 200, headers, body: await encode(file, encoding) }
}

function matches(header: string, etag: string): boolean {
  return header.split(',').some((item) => item.trim() === '*' || item.trim().replace(/^W\//, '') === etag)
}

/** One range of RFC 9110 §14; whatever else is asked for, the whole file is an allowed answer. */
function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return null
  const last = size - 1
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const end = match[1] === '' || match[2] === '' ? last : Math.min(Number(match[2]), last)
  if (match[1] !== '' && match[2] !== '' && Number(match[2]) < start) return null
  return start > last || end < start ? 'unsatisfiable' : { start, end }
}

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)
const SMALLEST_WORTH_IT = 512

function chooseEncoding(file: CachedFile, accepted: string): Encoding {
  if (file.content.length < SMALLEST_WORTH_IT || !COMPRESSIBLE.test(file.type)) return 'identity'
  const tokens = accepted
    .split(',')
    .map((token) => token.trim())
    .filter((token) => !/;\s*q=0(\.0*)?$/.test(token))
  const names = tokens.map((token) => token.replace(/\s*;.*$/, '').toLowerCase())
  if (names.includes('br')) return 'br'
  return names.includes('gzip') ? 'gzip' : 'identity'
}

/** Compressed at first use and kept; the next readers get it from memory. */
function encode(file: CachedFile, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'identity') return Promise.resolve(file.content)
  let encoded = file.encoded.get(encoding)
  if (!encoded) {
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } }
    encoded =
      encoding === 'br' ? compressBrotli(file.content, quality) : compressGzip(file.content, { level: 9 })
    file.encoded.set(encoding, encoded)
  }
  return encoded
}

const COMPRESSIBLE = /^(text\/|application\/(javascript|json|manifest\+json|wasm)|image\/svg)/
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

function typeOf(name: string): string {
  return TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream'
}
