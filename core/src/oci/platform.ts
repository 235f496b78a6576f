import { CodedError } from '@startd/base/errors.ts'
import type { Descriptor, Platform } from './documents.ts'

/** Architecture as images name it, and its variants that run on every such processor, best first. */
const ARCHITECTURES: Record<string, { name: string; variants: string[] }> = {
  x86_64: { name: 'amd64', variants: ['', 'v1'] },
  aarch64: { name: 'arm64', variants: ['v8', ''] },
  armv7l: { name: 'arm', variants: ['v7', '', 'v6', 'v5'] },
  i686: { name: '386', variants: [''] },
  riscv64: { name: 'riscv64', variants: ['', 'rva20u64'] },
}

/** What the image world calls a processor architecture of ours: `linux/arm64`. */
export function platformName(arch: string): string {
  return `linux/${ARCHITECTURES[arch]?.name ?? arch}`
}

/**
 * The entry of an index for an architecture: the plainest variant, else the one that asks least of the
 * processor. Entries without a platform fit anything; those that are no images (attestations) are passed over.
 */
export function chooseFor(arch: string, entries: readonly Descriptor[], what: string): Descriptor {
  const images = entries.filter(
    ({ annotations, platform }) =>
      annotations?.['vnd.docker.reference.type'] === undefined && platform?.architecture !== 'unknown',
  )
  const fitting = images.filter(({ platform }) => platform && runsOn(arch, platform))
  const rank = ({ platform }: Descriptor) => rankOf(arch, platform?.variant ?? '')
  const [best] = fitting.sort((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    return left[0] - right[0] || (left[1] < right[1] ? -1 : Number(left[1] > right[1]))
  })
  const chosen = best ?? images.find(({ platform }) => platform === undefined)
  if (chosen) return chosen
  const offered = images.flatMap(({ platform }) => (platform ? [printed(platform)] : []))
  const list = offered.length === 0 ? 'it has no images' : `it has ${[...new Set(offered)].join(', ')}`
  throw new CodedError('NotFound', `${what} has no image for ${platformName(arch)}; ${list}`)
}

/** Refuses an image that says of itself that it is for another architecture. */
export function checkPlatform(arch: string, platform: Platform, what: string): void {
  if (platform.architecture === '' || runsOn(arch, { ...platform, os: platform.os || 'linux' })) return
  throw new CodedError('NotFound', `${what} is for ${printed(platform)}, not for ${platformName(arch)}`)
}

function runsOn(arch: string, { os, architecture }: Platform): boolean {
  return os === 'linux' && [arch, ARCHITECTURES[arch]?.name].includes(architecture)
}

function rankOf(arch: string, variant: string): [number, string] {
  const at = ARCHITECTURES[arch]?.variants.indexOf(variant) ?? 0
  return [at === -1 ? Number.MAX_SAFE_INTEGER : at, variant]
}

function printed({ os, architecture, variant }: Platform): string {
  return [os || 'linux', architecture, variant].filter(Boolean).join('/')
}
