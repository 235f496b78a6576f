export { type Archive, type OpenOptions, mismatch, openArchive, openBareArchive } from './archive.ts'
export {
  type Directory,
  type DirectoryEntry,
  type Entry,
  type FileEntry,
  type MissingEntry,
  checkName,
  directoryHash,
  lookUp,
  namesInOrder,
  printTable,
  tableSize,
  walk,
} from './directory.ts'
export { S9pkError, type S9pkFault, tooLarge, truncated } from './error.ts'
export { type ImageFiles, expectedFiles, iconPath, imagesFor } from './expectations.ts'
export { type Hasher, type StartHash, hashOf, portableHash } from './hash.ts'
export {
  type Commitment,
  HEADER_SIZE,
  type Header,
  MAGIC,
  checkMagic,
  SIGNING_CONTEXT,
  commitmentOf,
  printHeader,
  readHeader,
} from './header.ts'
export { base64, fromBase64, sameBytes } from './bytes.ts'
export { archiveName, keyFingerprint, publicKeyOfPem, publicKeyPem } from './identity.ts'
export { LIMITS } from './limits.ts'
export { isIcon, mediaType } from './media-type.ts'
export { type DependencyMetadata, type Member, S9pk, openS9pk, readManifest } from './s9pk.ts'
export { publicKeyOf, sign, signedMessage, verifySignature } from './signature.ts'
export { type Answer, type Fetch, type HttpOptions, getRange, getWhole, hostOf } from './http-range.ts'
export { type BlobLike, type ByteSource, blobSource, bytesSource } from './source.ts'
export { type PendingTable, type Region, TreeBuilder, checkLength, endOf, regionsOf } from './tree.ts'
export { type UrlOptions, UrlSource, openS9pkUrl } from './url-source.ts'
export { type S9pkStream, type StreamOptions, openS9pkStream } from './stream.ts'
export { TransferError, type TransferFault, transferError } from './transfer-error.ts'
