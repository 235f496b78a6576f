/** Paths inside a service's container that packages and the SDK rely on (service-runtime.md §2.3). */
export const CONTAINER_PATHS = {
  package: '/usr/lib/startos/package',
  runtime: '/usr/lib/startos/init',
  volumes: '/media/startos/volumes',
  assets: '/media/startos/assets',
  images: '/media/startos/images',
  subcontainers: '/media/startos/subcontainers',
  backup: '/media/startos/backup',
  rpc: '/media/startos/rpc',
  serviceSocket: '/media/startos/rpc/service.sock',
  hostSocket: '/media/startos/rpc/host.sock',
} as const
