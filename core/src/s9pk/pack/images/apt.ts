import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

const APT = '/etc/apt'

/**
 * The host's own package source files that speak of a release. None means that mmdebstrap shall take the
 * usual ones of that release; other files (a vendor's repository) would only widen the image.
 */
export async function hostSources(release: string): Promise<string[]> {
  const parts = await readdir(join(APT, 'sources.list.d')).catch(() => [])
  const files = [join(APT, 'sources.list'), ...parts.sort().map((name) => join(APT, 'sources.list.d', name))]
  const word = new RegExp(`(^|\\s)${release}(\\s|$)`, 'm')
  const usable: string[] = []
  for (const file of files) {
    if (!/\.(list|sources)$/.test(file)) continue
    const lines = (await readFile(file, 'utf8').catch(() => ''))
      .split('\n')
      .filter((line) => !line.startsWith('#'))
    if (word.test(lines.join('\n'))) usable.push(file)
  }
  return usable
}

/** How this host reaches its package sources: proxies and certificates, as apt options. */
export async function hostFetchOptions(): Promise<string[]> {
  const { stdout, failed } = await execa('apt-config', ['dump', 'Acquire'], {
    reject: false,
    stdin: 'ignore',
  })
  return failed ? [] : stdout.split('\n').filter((line) => /^Acquire::https?::\S+ "[^"]/.test(line))
}

const ARCHITECTURES: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64', riscv64: 'riscv64' }

/** Debian's name of an architecture. */
export function debianArch(arch: string): string {
  return ARCHITECTURES[arch] ?? arch
}
