export { nativeHash } from './blake3.ts'
export { type S9pkFile, handleSource, openS9pkFile, pathSource } from './file-source.ts'
export { type PackagePreview, type ReceiveOptions, type ReceivedS9pk, receiveS9pk } from './receive/index.ts'
export {
  type DownloadOptions,
  type UnfinishedDownload,
  downloadS9pk,
  forgetDownload,
  pruneDownloads,
  unfinishedDownload,
} from './download/index.ts'
export {
  type SigningKey,
  createKeyFile,
  developerKeyPath,
  findSigningKey,
  readDeveloperKey,
} from './key-files.ts'
export { newSeed, printPrivateKey, readPrivateKey } from './keys.ts'
export { type Content, bytesContent, fileContent } from './write/content.ts'
export {
  type Signer,
  type WriteOptions,
  filterArchitecture,
  printArchive,
  writeArchive,
} from './write/index.ts'
export { type SourceTree, treeOf, treeOfArchive } from './write/source-tree.ts'
export { type PackOptions, type PackedS9pk, packProject } from './pack/index.ts'
export { hostFetchOptions, hostSources } from './pack/images/apt.ts'
