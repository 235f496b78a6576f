import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { base64, type Commitment, mediaType, openS9pkUrl, type S9pk } from '@startd/base/s9pk/index.ts'
import type { ServerDb } from '../db/index.ts'
import type { OpenPackageFile, OpenRemoteFile, PackageFile } from '../rpc/package-route.ts'
import { nativeHash } from '../s9pk/blake3.ts'
import { openS9pkFile } from '../s9pk/index.ts'

/** Reads the archives of installed services, and single files out of them. */
export function packageFiles(
  db: ServerDb,
): (id: string, member: string | null, commitment?: Commitment | null) => ReturnType<OpenPackageFile> {
  return async (id, member, commitment = null) => {
    const { packageData } = db.peek().public
    const entry = Object.hasOwn(packageData, id) ? packageData[id] : undefined
    if (!entry) return null
    return member === null ? wholeArchive(entry.s9pk) : archiveMember(entry.s9pk, member, commitment)
  }
}

async function wholeArchive(path: string): Promise<PackageFile | null> {
  const info = await stat(path).catch(() => null)
  if (!info?.isFile()) return null
  return { size: info.size, type: 'application/octet-stream', digest: null, content: createReadStream(path) }
}

async function archiveMember(
  path: string,
  member: string,
  commitment: Commitment | null,
): Promise<PackageFile | null> {
  await using undo = new AsyncDisposableStack()
  const { s9pk } = undo.use(await openS9pkFile(path, { commitment }))
  const file = fileOf(s9pk, member)
  if (file === null) return null
  const life = undo.move()
  // Not left to the generator, which would never run for a visitor who goes before the first byte.
  file.content.once('close', () => void life.disposeAsync())
  return file
}

/** Licences and instructions are small; whoever wants more of a package installs it. */
const LARGEST_REMOTE = 16 * 1024 * 1024
const REMOTE_PATIENCE = 10_000

/** Reads single files of packages on the web, without fetching the rest of them. */
export const remoteFiles: OpenRemoteFile = async (url, member, commitment) => {
  const ends = new AbortController()
  const options = { hash: nativeHash, commitment, signal: ends.signal, patience: REMOTE_PATIENCE }
  try {
    const file = fileOf(await openS9pkUrl(url.href, options), member)
    if (file === null || file.size > LARGEST_REMOTE) {
      ends.abort()
      return null
    }
    file.content.once('close', () => ends.abort())
    return file
  } catch (error) {
    ends.abort()
    throw error
  }
}

function fileOf(s9pk: S9pk, member: string): PackageFile | null {
  const entry = s9pk.file(member)
  if (entry?.kind !== 'file') return null
  return {
    size: entry.size,
    type: mediaType(member.split('/').at(-1) ?? '') ?? 'application/octet-stream',
    digest: `blake3=:${base64(entry.hash).replace(/=+$/, '')}:`,
    content: Readable.from(s9pk.stream(member)),
  }
}
