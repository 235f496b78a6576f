import { access, constants, readFile, statfs } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { execa } from 'execa'
import type { DriverOptions, HostProblem } from './contract.ts'

/** Programs that the driver calls, and the Debian package of each. */
const PROGRAMS: readonly (readonly [string, string])[] = [
  ['lxc-start', 'lxc'],
  ['lxc-stop', 'lxc'],
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['unsquashfs', 'squashfs-tools'],
]

const FILE_SYSTEMS = [
  ['overlay', 'overlayfs'],
  ['squashfs', 'squashfs'],
] as const

/** Looks at the machine without changing it; what it finds missing comes with the way to get it. */
export async function checkHost(
  options: Pick<DriverOptions, 'dataDir' | 'helper' | 'rootfs' | 'runtime'>,
): Promise<HostProblem[]> {
  const found = await Promise.all([
    checkRoot(),
    ...PROGRAMS.map(([program, debian]) => checkProgram(program, debian)),
    ...FILE_SYSTEMS.map(([type, id]) => checkFileSystem(type, id)),
    checkLoop(),
    checkUserNamespaces(),
    checkSeccompProfile(),
    checkVersion(),
    checkDataDisk(options.dataDir),
    ...[options.helper, options.rootfs, join(options.runtime, 'index.js')].map(checkArtefact),
  ])
  return found.filter((problem) => problem !== null)
}

const problem = (id: string, what: string, fix: string, packages: readonly string[] = []): HostProblem => ({
  id,
  what,
  fix,
  packages,
})

function checkRoot(): Promise<HostProblem | null> {
  const root = process.getuid?.() === 0
  return Promise.resolve(
    root ? null : problem('root', 'startd does not run as root', 'start it with sudo or as root'),
  )
}

async function checkProgram(program: string, debian: string): Promise<HostProblem | null> {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const seen = await Promise.all(places.map((place) => reachable(join(place, program), constants.X_OK)))
  if (seen.includes(true)) return null
  return problem(program, `the program ${program} is missing`, `apt-get install ${debian}`, [debian])
}

async function checkFileSystem(type: string, id: string): Promise<HostProblem | null> {
  const known = async (): Promise<boolean> =>
    new RegExp(`\\b${type}$`, 'm').test(await readFile('/proc/filesystems', 'utf8'))
  if (await known()) return null
  // A module that is there but not loaded is no problem: mounting loads it.
  const { exitCode } = await execa('modprobe', ['--dry-run', type], { reject: false })
  if (exitCode === 0) return null
  return problem(
    id,
    `the kernel has no ${type}`,
    `use a kernel with ${type}: Debian's and Ubuntu's own have it`,
  )
}

async function checkLoop(): Promise<HostProblem | null> {
  if (await reachable('/dev/loop-control', constants.R_OK)) return null
  return problem(
    'loop',
    'there are no loop devices (/dev/loop-control)',
    'modprobe loop; in a container, pass the host’s loop devices in',
  )
}

async function checkUserNamespaces(): Promise<HostProblem | null> {
  const most = await readFile('/proc/sys/user/max_user_namespaces', 'utf8').catch(() => '0')
  if (Number(most) > 0) return null
  return problem(
    'user-namespaces',
    'user namespaces are switched off',
    'sysctl -w user.max_user_namespaces=28633',
  )
}

async function checkSeccompProfile(): Promise<HostProblem | null> {
  if (await reachable('/usr/share/lxc/config/common.seccomp', constants.R_OK)) return null
  return problem('lxc-common', 'LXC’s list of forbidden system calls is missing', 'apt-get install lxc', [
    'lxc',
  ])
}

async function checkVersion(): Promise<HostProblem | null> {
  const { stdout, exitCode } = await execa('lxc-start', ['--version'], { reject: false })
  if (exitCode !== 0 || Number(stdout?.split('.')[0]) >= 4) return null
  return problem(
    'lxc-version',
    `LXC ${stdout} is too old`,
    'use LXC 4 or newer: Debian 12, Ubuntu 22.04 and later have it',
    ['lxc'],
  )
}

/** File systems that cannot hold the writable layer of an overlay, by the magic numbers of statfs(2). */
const UNFIT = new Map([
  [0x794c7630, 'an overlay (the inside of another container)'],
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x4d44, 'FAT'],
  [0x2011bab0, 'exFAT'],
])

async function checkDataDisk(dataDir: string): Promise<HostProblem | null> {
  const info = await statfs(dataDir).catch(() => null)
  if (!info) return dirname(dataDir) === dataDir ? null : checkDataDisk(dirname(dataDir))
  const kind = UNFIT.get(info.type)
  if (!kind) return null
  const what = `the data directory ${dataDir} is on ${kind}, where containers cannot keep their files`
  return problem('data-disk', what, 'choose a directory on ext4, xfs or btrfs with --data')
}

async function checkArtefact(path: string): Promise<HostProblem | null> {
  if (await reachable(path, constants.R_OK)) return null
  return problem('artefact', `${path} has not been built`, 'run npm run up, which builds it')
}

const reachable = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  )
