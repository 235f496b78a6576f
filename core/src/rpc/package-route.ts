import type { Readable } from 'node:stream'
import type { Commitment } from '@startd/base/s9pk/index.ts'
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
export type OpenPackageFile = (
  id: string,
  member: string | null,
  commitment: Commitment | null,
) => Promise<PackageFile | null>

/** One file of an archive on the web; null where it has none of this name. */
export type OpenRemoteFile = (
  url: URL,
  member: string,
  commitment: Commitment | null,
) => Promise<PackageFile | null>

/** `/s9pk/installed/<id>.s9pk`, then a file inside. */
const INSTALLED = /^\/s9pk\/installed\/([a-z0-9-]+)(?:\.s9pk)?(?:\/([^?]+))?(?:\?|$)/
/** `/s9pk/proxy/<encoded address>`, then a file inside. */
const REMOTE = /^\/s9pk\/proxy\/([^/?]+)\/([^?]+)(?:\?|$)/

/**
 * Sends a file of an installed package, or of one that a registry offers, to somebody who has logged in (rpc.md
 * §3). The package's author chose the content, so nothing in it may run as a part of our own pages.
 */
export async function sendPackageFile(
  open: { installed: OpenPackageFile; remote: OpenRemoteFile | undefined },
  caller: Pick<Caller, 'kind'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (caller.kind !== 'session') return reply.code(401).send('Not Authorized')
  const commitment = commitmentOf(request.query as Record<string, unknown>)
  if (commitment === undefined) return reply.code(400).send('Bad Request')
  const installed = INSTALLED.exec(request.url)
  const remote = REMOTE.exec(request.url)
  let file: PackageFile | null = null
  if (installed) file = await open.installed(installed[1] ?? '', decoded(installed[2]), commitment)
  else if (remote && open.remote) {
    const url = URL.parse(decoded(remote[1]) ?? '')
    if (url === null || !/^https?:$/.test(url.protocol)) return reply.code(400).send('Bad Request')
    file = await open.remote(url, decoded(remote[2]) ?? '', commitment)
  }
  if (file === null) return reply.code(404).send('Not Found')
  reply
    .type(file.type)
    .header('content-length', file.size)
    .header(
      'content-security-policy',
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    )
  if (file.digest !== null) reply.header('repr-digest', file.digest)
  if (request.method !== 'HEAD') return reply.send(file.content)
  file.content.destroy()
  return reply.send()
}

/** Which archive it must be; null for any, undefined where only half of it is said. */
function commitmentOf({ rootSighash, rootMaxsize }: Record<string, unknown>): Commitment | null | undefined {
  if (rootSighash === undefined && rootMaxsize === undefined) return null
  if (typeof rootSighash !== 'string' || !/^[\w+/-]{43}=?$/.test(rootSighash)) return undefined
  if (typeof rootMaxsize !== 'string' || !/^\d{1,15}$/.test(rootMaxsize)) return undefined
  return { rootSighash, rootMaxsize: Number(rootMaxsize) }
}

/** The router has refused what cannot be decoded. */
function decoded(text: string | undefined): string | null {
  return text === undefined ? null : decodeURIComponent(text)
}
