/** Something that the host lacks: what, and how to get it. A newcomer reads both. */
export interface HostProblem {
  /** Stable short name, for tests and for the set-up script: `root`, `lxc`, `overlayfs` … */
  readonly id: string
  readonly what: string
  readonly fix: string
  /** Debian packages that would solve it; empty where a package does not help. */
  readonly packages: readonly string[]
}

/** How images get the container's owner ids: by a kernel mount option, or from an unpacked copy. */
export type IdmapMode = 'auto' | 'mount' | 'unpack'

export interface DriverOptions {
  /** Everything that the driver keeps lies below this directory. */
  readonly dataDir: string
  /** Runtime root file system, from `buildRootfs`. */
  readonly rootfs: string
  /** Native helper of the host, from `buildRootfs`. */
  readonly helper: string
  /** Directory with the bundled container runtime (`index.js`, `cli.js`); copied by content, so it may change later. */
  readonly runtime: string
  readonly idmap?: IdmapMode
  readonly log?: (line: string) => void
}

export interface ContainerOptions {
  /** `[A-Z2-7]{32}`; also the host name inside. */
  readonly guid: string
  /** From `ContainerDriver.addressFor`. */
  readonly address: string
  /** Names the log directory `<data>/logs/<packageId>`. */
  readonly packageId: string
  /** `LANG` of the container, e.g. `en_US.UTF-8`. */
  readonly lang: string
  readonly env?: Readonly<Record<string, string>>
  /** Host device nodes to pass in, e.g. `/dev/fuse`, `/dev/net/tun`; missing ones are skipped. */
  readonly devices?: readonly string[]
  /** Bytes; the kernel kills a process of the container that would pass it. */
  readonly memoryLimit?: number
}

/** One range of ids: on disk → as the container sees them (both without the container's own offset). */
export interface IdRange {
  readonly fromId: number
  readonly toId: number
  readonly range: number
}

export interface VolumeMountOptions {
  /** Below `hostDir`; resolved without following symlinks, because packages write there. */
  readonly subpath?: string
  /** Make `subpath` when it is missing, owned by id 0. Default false: missing is an error. */
  readonly create?: boolean
  readonly readonly?: boolean
  /** Ranges of an effect or SDK mount, applied in order (service-runtime.md §8.6). */
  readonly idmap?: readonly IdRange[]
}

/** How a container ended. `code` and `signal` are null when nobody was there to see it. */
export interface ContainerExit {
  readonly code: number | null
  readonly signal: string | null
}

export interface ContainerStats {
  /** Memory that the container holds for itself, without page cache that can be dropped. */
  readonly memoryBytes: number
  /** The container's own limit, or the machine's memory. */
  readonly memoryLimitBytes: number
  readonly cpuMicroseconds: number
  readonly processes: number
  /** Times that the kernel killed a process of this container for lack of memory. */
  readonly oomKills: number
  /** From and to disks, since the container has started. */
  readonly readBytes: number
  readonly writtenBytes: number
}

export interface ExecResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** What a long-lived command in the container is started with (`package.attach`). */
export interface ExecOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Milliseconds; the command is killed after it. Default 30 000. */
  readonly timeout?: number
}

/** One service's container. `inside` paths are absolute as the container sees them. */
export interface Container {
  readonly guid: string
  readonly packageId: string
  readonly address: string
  /** Root of the container as the host sees it. */
  readonly rootfs: string
  /** Directory that is `/media/startos/rpc` inside: short enough for sockets, owned by the container's root. */
  readonly rpcDir: string
  /** Where the container's log files are (see `logs.ts`). */
  readonly logDir: string
  /** Fresh for every start; stands in each log line. Null before the first start. */
  readonly bootId: string | null
  readonly running: boolean
  /** Of the present run: fulfils when it has ended, whoever started and whoever ended it. Never rejects. */
  readonly exited: Promise<ContainerExit>

  /** Starts the container's init; fulfils when it runs. The runtime's socket comes a little later. */
  start(): Promise<void>
  /** Fulfils when `<rpcDir>/<name>` accepts connections; rejects after `timeout` ms or when the container ends first. */
  waitForSocket(name: string, timeout: number): Promise<string>
  /** SIGTERM to init, SIGKILL to everything after `timeout` ms; fulfils when the container has ended. */
  stop(timeout: number): Promise<ContainerExit>
  /** Stops if needed, then removes mounts, overlay and configuration. Volumes and logs stay. */
  destroy(): Promise<void>

  /** Mounts a squashfs that is a byte range of a file. Ids are mapped into the container unless `idmap` is false. */
  mountSquashfsMember(
    file: string,
    offset: number,
    size: number,
    inside: string,
    options?: { idmap?: boolean },
  ): Promise<void>
  /** Binds a host directory, id-mapped (0 inside = 0 on disk), replacing what the host had mounted at `inside`. */
  mountVolume(hostDir: string, inside: string, options?: VolumeMountOptions): Promise<void>
  /** Lazily unmounts what is at `inside` and below; nothing there is fine. */
  unmount(inside: string): Promise<void>
  /** Whether the host has mounted something exactly at `inside`. */
  isMounted(inside: string): Promise<boolean>
  /** Writable layer over the image mounted at `image`; answers its inside path `/media/startos/subcontainers/<guid>`. */
  createOverlay(image: string, guid: string): Promise<string>
  /** Kills the processes of that subcontainer and removes its layer. An unknown guid is fine. */
  destroyOverlay(guid: string): Promise<void>
  /** Guids of the writable layers that exist, also those of a previous daemon. */
  overlays(): Promise<string[]>

  /** Writes a file owned by the container's root, replacing it atomically; no symlink inside is followed. */
  writeFile(inside: string, content: string | Uint8Array): Promise<void>
  /** Gives a host path (inside `rpcDir`, for example `host.sock`) to the container's root. */
  chownForContainer(hostPath: string): Promise<void>
  stats(): Promise<ContainerStats>
  /** Runs a command inside all namespaces of the container as its root. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
  /** The argument vector that enters the container, to put before a command (attach, terminals). */
  enterArgv(): Promise<string[]>
}

/** LXC containers of one data directory. Several drivers with different directories can live on one machine. */
export interface ContainerDriver {
  /** Address of the host on the containers' bridge: their gateway and DNS server. Known after `open`. */
  readonly hostAddress: string
  /** Containers' network in CIDR form. Known after `open`. */
  readonly subnet: string
  /** Name of the bridge device. */
  readonly bridge: string

  /** What is missing on this machine to run containers; empty = nothing. Changes nothing. */
  check(): Promise<HostProblem[]>
  /** Bridge, firewall, base mounts. May be repeated; adopts what a previous daemon left. */
  open(): Promise<void>
  /** The static address of a package's container: chosen at first sight, remembered until released. */
  addressFor(packageId: string): Promise<string>
  releaseAddress(packageId: string): Promise<void>
  /** Root file system, configuration and log directory of a new container; it does not run yet. */
  create(options: ContainerOptions): Promise<Container>
  /** A container left by a previous daemon, running or not; null when there is none of that guid. */
  adopt(guid: string): Promise<Container | null>
  /** Guids of all containers of this data directory. */
  list(): Promise<string[]>
  /** Removes what a dead daemon left half made under this guid. */
  remove(guid: string): Promise<void>
  /** Lets go of handles; containers keep running. */
  close(): Promise<void>
  /** Stops and removes all containers, mounts, bridge, firewall table, and gives sysctls back. */
  down(): Promise<void>
  /** After `down`: takes back what was added to the host for good (the line in /etc/subuid and /etc/subgid). */
  purge(): Promise<void>
}
