import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { CodedError } from '@startd/base/errors.ts'
import { errnoOf } from '../s9pk/file-error.ts'

type Format = { magic: number[] } & ({ create: () => Transform } | Filter)

/** A program that unpacks from its input to its output. */
interface Filter {
  program: string
  args: string[]
  debianPackage: string
}

/** zstd streams may begin with a frame of their own kind, which is to be skipped. */
const SKIPPABLE = Array.from({ length: 16 }, (_, i) => [0x50 + i, 0x2a, 0x4d, 0x18])
const FORMATS: Format[] = [
  { magic: [0x1f, 0x8b], create: () => createGunzip({ chunkSize: 128 * 1024 }) },
  ...[[0x28, 0xb5, 0x2f, 0xfd], ...SKIPPABLE].map((magic) => ({
    magic,
    create: () => createZstdDecompress({ chunkSize: 128 * 1024 }),
  })),
  {
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    program: 'xz',
    // Its own highest level needs 65 MiB to unpack.
    args: ['-dc', '--memlimit=256MiB'],
    debianPackage: 'xz-utils',
  },
  { magic: [0x42, 0x5a, 0x68], program: 'bzip2', args: ['-dc'], debianPackage: 'bzip2' },
]
const LONGEST_MAGIC = 6

/** Unpacks gzip, zstd, xz or bzip2, whichever it is by its first bytes; anything else passes as it is. */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]()
  try {
    let head = Buffer.alloc(0)
    while (head.length < LONGEST_MAGIC) {
      const next = await chunks.next()
      if (next.done === true) break
      head = Buffer.concat([head, next.value])
    }
    const whole = rejoin(head, chunks)
    const format = FORMATS.find(({ magic }) => magic.every((byte, i) => head[i] === byte))
    if (format === undefined) yield* whole
    else if ('create' in format) yield* through(whole, format.create(), what)
    else yield* filter(whole, format, what)
  } finally {
    await chunks.return?.()
  }
}

async function* rejoin(head: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  yield* { [Symbol.asyncIterator]: () => rest }
}

async function* through(
  source: AsyncIterable<Uint8Array>,
  transform: Transform,
  what: string,
): AsyncGenerator<Uint8Array> {
  let failure: unknown = null
  const fed = pipeline(Readable.from(source, { objectMode: false }), transform).catch((cause: unknown) => {
    failure = cause
  })
  try {
    for await (const chunk of transform) yield chunk as Uint8Array
    await fed
    if (failure !== null) throw failure
  } catch (cause) {
    await fed
    throw unpackable(failure ?? cause, what)
  } finally {
    transform.destroy()
    await fed
  }
}

/** What zlib says of bad bytes becomes ours; what the source said travels on. */
function unpackable(cause: unknown, what: string): unknown {
  const code = errnoOf(cause) ?? ''
  if (code === 'Z_BUF_ERROR') return new CodedError('Deserialization', `${what} is cut off`, { cause })
  if (/^(Z_|ZSTD_|ERR_ZLIB)/.test(code)) {
    return new CodedError('Deserialization', `${what} is damaged and cannot be unpacked`, { cause })
  }
  return cause
}

async function* filter(
  source: AsyncIterable<Uint8Array>,
  { program, args, debianPackage }: Filter,
  what: string,
): AsyncGenerator<Uint8Array> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'close').catch((cause: unknown) => {
    const text = `${what} is packed with ${program}, which is not installed; on Debian: apt-get install ${debianPackage}`
    return new CodedError('Pack', text, { cause })
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said = `${said}${data.toString()}`.slice(0, 500)))
  let failure: unknown = null
  const fed = pipeline(Readable.from(source, { objectMode: false }), child.stdin).catch((cause: unknown) => {
    // A program that has seen enough, or that is not there, closes its end.
    const code = errnoOf(cause)
    if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') failure = cause
  })
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array
    await fed
    if (failure !== null) throw failure
    const outcome = await ended
    if (outcome instanceof CodedError) throw outcome
    if (child.exitCode !== 0) {
      throw new CodedError('Deserialization', `${what} cannot be unpacked: ${said.trim()}`)
    }
  } finally {
    child.kill()
    child.stdin.destroy()
    await Promise.all([fed, ended])
  }
}
