import { RUNTIME_NODE_ENVIRONMENT, RUNTIME_NODE_FLAGS } from '@startd/base/container-paths.ts'
import { CodedError } from '@startd/base/errors.ts'
import type { ContainerOptions } from './contract.ts'
import { ID_BASE, ID_COUNT, type Instance, type Places } from './instance.ts'
import { hardwareAddress } from './hardware-address.ts'

export interface ConfigParts {
  readonly options: ContainerOptions
  readonly instance: Instance
  readonly places: Places
  /** Directory with the runtime's bundle. */
  readonly runtime: string
  readonly hostAddress: string
  /** `/dev/…` nodes that exist on the host. */
  readonly devices: readonly string[]
  readonly cgroupV2: boolean
}

/**
 * The whole LXC configuration of one container (lxc.container.conf(5)): no include files, because those bring
 * lxcfs hooks that cost half a second, and no DHCP: the address is there before init runs.
 */
export function lxcConfig(parts: ConfigParts): string {
  const { options, instance, places } = parts
  const { guid } = options
  const limit = options.memoryLimit
  const environment = {
    PATH: SEARCH_PATH,
    HOME: '/root',
    ...RUNTIME_NODE_ENVIRONMENT,
    ...options.env,
    LANG: options.lang,
  }
  const entries: (readonly [string, string | number])[] = [
    ['lxc.arch', 'linux64'],
    ['lxc.uts.name', guid],
    ['lxc.idmap', `u 0 ${ID_BASE} ${ID_COUNT}`],
    ['lxc.idmap', `g 0 ${ID_BASE} ${ID_COUNT}`],
    ['lxc.rootfs.path', `dir:${places.rootfs}`],
    // What the host mounts below the root later becomes visible inside; never the other way round.
    ['lxc.rootfs.options', 'rshared'],
    ['lxc.mount.auto', 'proc:mixed sys:rw cgroup:mixed'],
    ['lxc.mount.entry', '/sys/fs/fuse/connections sys/fs/fuse/connections none bind,optional 0 0'],
    ['lxc.mount.entry', `${escape(places.rpc)} media/startos/rpc none bind,create=dir 0 0`],
    ['lxc.mount.entry', `${escape(parts.runtime)} usr/lib/startos/init none bind,ro,create=dir 0 0`],
    ...parts.devices.map(
      (node) =>
        [
          'lxc.mount.entry',
          `${escape(node)} ${escape(node.slice(1))} none bind,create=file,optional 0 0`,
        ] as const,
    ),
    ['lxc.seccomp.profile', '/usr/share/lxc/config/common.seccomp'],
    ['lxc.apparmor.profile', 'generated'],
    ['lxc.apparmor.allow_nesting', 1],
    ['lxc.net.0.type', 'veth'],
    ['lxc.net.0.link', instance.bridge],
    ['lxc.net.0.flags', 'up'],
    ['lxc.net.0.name', 'eth0'],
    ['lxc.net.0.hwaddr', hardwareAddress(options.address)],
    ['lxc.net.0.veth.pair', vethName(instance, options.address)],
    // The broadcast address is given because LXC would otherwise work out a wrong one.
    ['lxc.net.0.ipv4.address', `${options.address}/24 ${options.address.replace(/\d+$/, '255')}`],
    ['lxc.net.0.ipv4.gateway', parts.hostAddress],
    ['lxc.pty.max', 1024],
    ['lxc.tty.max', 0],
    // stdout and stderr stay the supervisor's pipes instead of becoming a terminal.
    ['lxc.console.path', 'none'],
    [
      'lxc.init.cmd',
      `/usr/bin/start-container init /usr/bin/node ${RUNTIME_NODE_FLAGS.join(' ')} /usr/lib/startos/init/index.js`,
    ],
    ['lxc.signal.halt', 'SIGTERM'],
    ['lxc.cgroup.dir.monitor', `${instance.cgroup}/monitor/${guid}`],
    ['lxc.cgroup.dir.container', `${instance.cgroup}/payload/${guid}`],
    ['lxc.cgroup.dir.container.inner', 'ns'],
    ...(limit === undefined
      ? []
      : [[parts.cgroupV2 ? 'lxc.cgroup2.memory.max' : 'lxc.cgroup.memory.limit_in_bytes', limit] as const]),
    ['lxc.log.file', places.lxcLog],
    ['lxc.log.level', 'WARN'],
    ...Object.entries(environment).map(([name, value]) => ['lxc.environment', `${name}=${value}`] as const),
  ]
  return entries.map(([key, value]) => `${key} = ${oneLine(String(value))}\n`).join('')
}

const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** At most 15 characters: the kernel's limit for a device name. */
function vethName(instance: Instance, address: string): string {
  return `v${instance.id}${address.split('.').at(-1)}`
}

/** Blanks in fstab fields are written in octal. */
const escape = (path: string): string =>
  path.replace(/[\s\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)

function oneLine(value: string): string {
  if (/[\n\r\0]/.test(value))
    throw new CodedError('InvalidRequest', 'a container setting must not contain a line break')
  return value
}
