import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { base64, mediaType } from '@startd/base/s9pk/index.ts'
import type { ServerDb } from '../db/index.ts'
import type { OpenPackageFile, PackageFile } from '../rpc/package-route.ts'
import { openS9pkFile } from '../s9pk/index.ts'

/** Reads the archives of installed services, and single files out of them. */
export function packageFiles(db: ServerDb): OpenPackageFile {
  return async (id, member) => {
    const { packageData } = db.peek().public
    const entry = Object.hasOwn(packageData, id) ? packageData[id] : undefined
    if (!entry) return null
    return member === null ? wholeArchive(entry.s9pk) : archiveMember(entry.s9pk, member)
  }
}

async function wholeArchive(path: string): Promise<PackageFile | null> {
  const info = await stat(path).catch(() => null)
  if (!info?.isFile()) return null
  return { size: info.size, type: 'application/octet-stream', digest: null, content: createReadStream(path) }
}

async function archiveMember(path: string, member: string): Promise<PackageFile | null> {
  await using undo = new AsyncDisposableStack()
  const { s9pk } = undo.use(await openS9pkFile(path))
  const entry = s9pk.file(member)
  if (entry?.kind !== 'file') return null
  const content = Readable.from(s9pk.stream(member))
  const life = undo.move()
  // Not left to the generator, which would never run for a visitor who goes before the first byte.
  content.once('close', () => void life.disposeAsync())
  return {
    size: entry.size,
    type: mediaType(member.split('/').at(-1) ?? '') ?? 'application/octet-stream',
    digest: `blake3=:${base64(entry.hash).replace(/=+$/, '')}:`,
    content,
  }
}
