import { execa } from 'execa'
import { fail, step } from './say.ts'

/** Debian packages that startd itself needs, each with its reason. */
export const RUNTIME_PACKAGES = {
  lxc: 'runs each service in a container of its own',
  'squashfs-tools': 'packs and unpacks the file systems of services',
  mmdebstrap: 'builds the small Debian inside the containers',
  nftables: 'lets services reach the network, and keeps them apart',
  iproute2: 'makes the bridge that services are connected to',
} as const

/** What building the parts needs on top. */
export const BUILD_PACKAGES = {
  tcc: 'compiles the small helper that sets up mounts and subcontainers',
  'libc6-dev': 'the C library that the helper is compiled against',
} as const

/** What the tests need on top. */
export const TEST_PACKAGES = {
  chromium: 'opens the pages as a person would',
  rsync: 'copies what a package backs up',
  s3cmd: 'uploads packages that are published',
  'busybox-static': 'stands in for the programs of the test services',
  buildah: 'builds a Dockerfile in the tests',
  'xz-utils': 'packs the archives that the tests read',
  openssl: 'makes the certificates of the servers that the tests talk to',
  zsh: 'completes commands of start-cli as a person would',
  fish: 'does the same in its own way',
  mandoc: 'checks the manual pages of start-cli',
  fdisk: 'partitions the disks of the tests',
  systemd: 'keeps a journal that the tests read',
  'openssh-client': 'makes and reads the keys of the tests',
} as const

/** What the measurements compare with. */
export const BENCH_PACKAGES = { b3sum: 'hashes files, as the baseline of our own hashing' } as const

/** Debian packages of the given list that are not installed. */
async function missing(names: string[]): Promise<string[]> {
  const { stdout } = await execa('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...names], {
    reject: false,
  })
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  )
  return names.filter((name) => !installed.has(name))
}

/** Installs what is missing of `packages` with apt-get, and says why each one is needed. */
export async function ensureDebianPackages(packages: Record<string, string>): Promise<void> {
  const names = Object.keys(packages)
  const wanted = await missing(names)
  if (wanted.length === 0) return
  if (process.getuid?.() !== 0) {
    fail(
      `These Debian packages are missing: ${wanted.join(' ')}\nInstall them as root:  apt-get install ${wanted.join(' ')}`,
    )
  }
  const reasons = wanted.map((name) => `\n    ${name}: ${packages[name] ?? ''}`).join('')
  await step(`Installing Debian packages${reasons}\n `, async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    await execa('apt-get', ['update', '-qq'], { env, stderr: 'inherit' })
    const result = await execa('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], {
      env,
      reject: false,
      all: true,
    })
    if (result.failed) {
      fail(
        `apt-get could not install ${wanted.join(' ')}:\n${String(result.all).split('\n').slice(-15).join('\n')}`,
      )
    }
  })
}
