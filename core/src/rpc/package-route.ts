import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from './caller.ts'

export interface PackageFile {
  /** Gives back what it holds when it is read or destroyed. */
  readonly content: Readable
  readonly size: number
  readonly type: string
  /** `Repr-Digest` of the content, where the archive knows it. */
  readonly digest: string | null
}

/** An installed archive, or one file of it; null where there is none. */
export type OpenPackageFile = (id: string, member: string | null) => Promise<PackageFile | null>

/** Path of `/s9pk/installed/…`: `<id>.s9pk`, then a file inside. */
const PATH = /^([a-z0-9-]+)(?:\.s9pk)?(?:\/(.+))?$/

/**
 * Sends a file of an installed package to somebody who has logged in (rpc.md §3). The package's author chose the
 * content, so nothing in it may run as a part of our own pages.
 */
export async function sendPackageFile(
  open: OpenPackageFile,
  caller: Pick<Caller, 'kind'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (caller.kind !== 'session') return reply.code(401).send('Not Authorized')
  const match = PATH.exec((request.params as { '*': string })['*'])
  const file = match ? await open(match[1] ?? '', match[2] ?? null) : null
  if (file === null) return reply.code(404).send('Not Found')
  reply
    .type(file.type)
    .header('content-length', file.size)
    .header(
      'content-security-policy',
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    )
  if (file.digest !== null) reply.header('repr-digest', file.digest)
  return reply.send(file.content)
}
