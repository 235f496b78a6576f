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

/**
 * How the container's Node is started. There is one in every service and it mostly rests: a small young
 * generation, one helper thread, functions compiled when they are first called (5 MB less for a package's
 * bundle), and memory given back when work ends. The warning is about a module that bundles still load.
 */
export const RUNTIME_NODE_FLAGS = [
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
  '--max-lazy',
  '--expose-gc',
  '--disable-warning=DEP0040',
] as const

/**
 * For the container's Node alone, which does not pass it on (mallopt(3)): one memory arena instead of one
 * for each thread, and freed memory goes back to the system: 5 MB less.
 */
export const RUNTIME_NODE_ENVIRONMENT = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '65536',
} as const
