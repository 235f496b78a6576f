/** Small parts that package code needs too. */
export { AbortedError } from './abort.ts'
export { FilledAddress, filledAddress } from './network/filled-address.ts'
export { patterns as Patterns } from './patterns.ts'
export { FullProgressTracker, PhaseHandle } from './progress.ts'
export { charactersOf, getDefaultString } from './random-string.ts'
export {
  getContainerIp,
  getOutboundGateway,
  getServiceManifest,
  getSslCertificate,
  getStatus,
  getSystemSmtp,
} from './readers.ts'
export { getBridgeAddress, getHostInfo } from './network/host-info.ts'
export { deepEqual, deepMerge } from './values/deep.ts'
export { nullIfEmpty } from './values/null-if-empty.ts'
export { once } from './values/once.ts'
export { Watchable, asError } from './watchable.ts'
