export { nativeHash } from './blake3.ts'
export { type S9pkFile, handleSource, openS9pkFile, pathSource } from './file-source.ts'
export { type PackagePreview, type ReceiveOptions, type ReceivedS9pk, receiveS9pk } from './receive/index.ts'
