import { expectedFiles, publicKeyPem } from '@startd/base/s9pk/index.ts'
import { openS9pkFile } from '../file-source.ts'
import { storedArches } from './stored-arches.ts'

export interface Verified {
  id: string
  version: string
  files: number
  /** Length of all files in bytes. */
  bytes: number
  /** PEM of the key that signed the package. */
  signer: string
  rootSighash: string
  rootMaxsize: number
}

export interface VerifyOptions {
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal | undefined
}

/** `s9pk verify`: signature, tables, every file, and that nothing a server needs is missing. */
export async function verify(path: string, options: VerifyOptions = {}): Promise<Verified> {
  await using file = await openS9pkFile(path)
  const { s9pk } = file
  await s9pk.verify(options.onProgress, options.signal)
  for (const arch of storedArches(s9pk.archive.root)) expectedFiles(s9pk.manifest, s9pk.archive.root, arch)
  const members = s9pk.members()
  return {
    id: s9pk.manifest.id,
    version: s9pk.manifest.version,
    files: members.length,
    bytes: members.reduce((sum, { size }) => sum + size, 0),
    signer: publicKeyPem(s9pk.signer),
    ...s9pk.commitment,
  }
}
