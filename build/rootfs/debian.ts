import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { hostFetchOptions, hostSources } from '../../core/src/s9pk/index.ts'

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
