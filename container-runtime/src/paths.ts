import { join } from 'node:path'
import { CONTAINER_PATHS } from '@startd/base/container-paths.ts'

const rpcDir = process.env['STARTD_RPC_DIR'] ?? CONTAINER_PATHS.rpc

/** Where this process finds its package and both sockets; the variables let it run outside a container. */
export const PATHS = {
  package: process.env['STARTD_PACKAGE_DIR'] ?? CONTAINER_PATHS.package,
  serviceSocket: join(rpcDir, 'service.sock'),
  hostSocket: join(rpcDir, 'host.sock'),
} as const
