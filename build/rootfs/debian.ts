import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/** Debian packages that services rely on inside their container, besides the Essential ones. */
const PACKAGES = [
  'ca-certificates',
  'iproute2',
  'libatomic1',
  'libstdc++6',
  'mount',
  'netbase',
  'procps',
  'rsync',
  'util-linux',
]

/** Left out of every package: nobody reads manuals in a service's container. */
const LEFT_OUT = ['doc', 'man', 'info', 'locale', 'lintian', 'bash-completion', 'bug', 'zoneinfo'].map(
  (name) => `/usr/share/${name}/*`,
)

/**
 * A tar of a minimal Debian of the host's own release, made from the host's own package sources and keys.
 * Cached by recipe: the same recipe is made once for a cache directory.
 */
export async function debianTar(cacheDir: string, log: (line: string) => void): Promise<string> {
  const release = await hostRelease()
  const recipe = JSON.stringify([release, process.arch, PACKAGES, LEFT_OUT])
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 16)
  const target = join(cacheDir, `debian-${release}-${key}.tar`)
  if (
    await stat(target).then(
      () => true,
      () => false,
    )
  )
    return target
  log(`Making a minimal Debian ${release} for the service containers (half a minute, once)`)
  await mkdir(cacheDir, { recursive: true })
  const draft = `${target}.${process.pid}`
  await execa('mmdebstrap', [
    '--quiet',
    '--mode=root',
    '--variant=essential',
    '--format=tar',
    `--include=${PACKAGES.join(',')}`,
    ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Apt::Install-Recommends "false"',
    ...(await hostFetchOptions()).map((line) => `--aptopt=${line}`),
    release,
    draft,
    ...(await hostSources(release)),
  ])
  await rename(draft, target)
  return target
}

async function hostRelease(): Promise<string> {
  const codename = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1]
  if (!codename)
    throw new Error('/etc/os-release names no release: startd builds its containers on Debian or Ubuntu')
  return codename
}

/** The source lists that speak of this release; others (a vendor's repository) would only widen the container. */
async function hostSources(release: string): Promise<string[]> {
  const parts = await readdir('/etc/apt/sources.list.d').catch(() => [])
  const files = ['/etc/apt/sources.list', ...parts.sort().map((name) => `/etc/apt/sources.list.d/${name}`)]
  const usable = await Promise.all(
    files.map(async (file) => {
      if (!/\.(list|sources)$/.test(file)) return []
      const lines = (await readFile(file, 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => !line.startsWith('#'))
      return lines.some((line) => new RegExp(`\\b${release}\\b`).test(line)) ? [file] : []
    }),
  )
  if (usable.flat().length === 0) {
    throw new Error(
      `no package source for ${release} in /etc/apt: the containers' file system is made from Debian packages`,
    )
  }
  return usable.flat()
}

/** How this host reaches its package sources: proxies and certificates. */
async function hostFetchOptions(): Promise<string[]> {
  const { stdout } = await execa('apt-config', ['dump', 'Acquire'])
  return stdout.split('\n').filter((line) => /^Acquire::https?::\S+ "[^"]/.test(line))
}
