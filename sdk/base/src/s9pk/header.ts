import { Cursor, base64, concat, fromBase64, sameBytes, u64 } from './bytes.ts'
import { S9pkError, tooLarge, truncated, untrusted } from './error.ts'
import { LIMITS } from './limits.ts'
import { signedMessage, verifySignature } from './signature.ts'

export const MAGIC = Uint8Array.of(0x3b, 0x3b, 0x02)
export const SIGNING_CONTEXT = 's9pk'
const ARCHIVE_HEADER = 152
/** Bytes before the first table of contents of a package. */
export const HEADER_SIZE = MAGIC.length + ARCHIVE_HEADER

/** Names one exact archive: its root hash (base64, unpadded) and the signed length limit of its root table. */
export interface Commitment {
  rootSighash: string
  rootMaxsize: number
}

export interface Header {
  signer: Uint8Array
  signature: Uint8Array
  root: Uint8Array
  rootMaxsize: number
  tablePosition: number
  tableSize: number
}

/** Tells a package from everything else by its first bytes, and says what a person probably has there. */
export function checkMagic(bytes: Uint8Array): void {
  const [first, second, third] = bytes
  if (first === 0x50 && second === 0x4b) {
    throw new S9pkError(
      'zip',
      'this is a zip archive, not a package. Unpack it and use the .s9pk file inside',
    )
  }
  if (first === 0x3b && second === 0x3b && third === 1) {
    throw new S9pkError(
      'version-1',
      'this is a version 1 package, which is no longer supported. Ask its author for a current one, or convert it with an older tool',
    )
  }
  if (bytes.length === 0) throw new S9pkError('not-a-package', 'the file is empty. Download or copy it again')
  if (!sameBytes(bytes.subarray(0, MAGIC.length), MAGIC)) {
    throw new S9pkError('not-a-package', 'this is not a package. Choose a file that ends in .s9pk')
  }
}

/**
 * Reads and verifies the header of a package: magic, signature, then the limits, in that order and before
 * anything else of the file is looked at.
 */
export function readHeader(bytes: Uint8Array, commitment?: Commitment | null): Header {
  checkMagic(bytes)
  if (bytes.length < HEADER_SIZE) {
    throw new S9pkError('truncated', 'the file ends inside its header. Download or copy it again', {
      kind: 'Filesystem',
    })
  }
  return readArchiveHeader(bytes.subarray(MAGIC.length, HEADER_SIZE), SIGNING_CONTEXT, commitment)
}

/** The same for a bare archive, which has no magic and may be signed for another purpose. */
export function readArchiveHeader(
  bytes: Uint8Array,
  context: string,
  commitment?: Commitment | null,
): Header {
  if (bytes.length < ARCHIVE_HEADER) throw truncated('it ends inside its header')
  const cursor = new Cursor(bytes)
  const signer = new Uint8Array(cursor.take(32))
  const signature = new Uint8Array(cursor.take(64))
  const root = new Uint8Array(cursor.take(32))
  const limit = cursor.take(8)
  if (!verifySignature(signature, concat([root, limit]), signer, context)) {
    throw untrusted('the signature of this package does not match its contents')
  }
  const rootMaxsize = new Cursor(limit).u64()
  checkLimit(root, rootMaxsize, commitment ?? null)
  const header = {
    signer,
    signature,
    root,
    rootMaxsize,
    tablePosition: cursor.u64(),
    tableSize: cursor.u64(),
  }
  if (header.tableSize > rootMaxsize) throw untrusted('the table of contents is larger than was signed')
  return header
}

function checkLimit(root: Uint8Array, rootMaxsize: number, commitment: Commitment | null): void {
  if (!commitment) {
    if (rootMaxsize > LIMITS.rootTable)
      throw tooLarge('the table of contents of this package is over 1 MiB; it was refused')
    return
  }
  if (!sameBytes(fromBase64(commitment.rootSighash), root)) {
    throw untrusted('this is not the package that was announced (its root hash is another one)')
  }
  if (rootMaxsize > commitment.rootMaxsize)
    throw tooLarge('the table of contents is larger than was announced')
}

export function printHeader(header: Header): Uint8Array {
  return concat([
    MAGIC,
    header.signer,
    header.signature,
    signedMessage(header.root, header.rootMaxsize),
    u64(header.tablePosition),
    u64(header.tableSize),
  ])
}

export function commitmentOf(header: Pick<Header, 'root' | 'rootMaxsize'>): Commitment {
  return { rootSighash: base64(header.root).replace(/=+$/, ''), rootMaxsize: header.rootMaxsize }
}
