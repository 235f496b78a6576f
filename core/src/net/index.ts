export type { NetPlace } from './addresses.ts'
export { releasePorts, ServiceNet, type ServiceNetOptions } from './service-net.ts'
export { DnsRelay } from './dns-relay.ts'
