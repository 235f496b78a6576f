import type { Manifest } from '@startd/base/manifest.ts'
import { localText } from '../../../../shared/i18n/local-text.ts'

/** What a person sees of a package before it is installed. */
export interface PackagePreview {
  manifest: Manifest
  icon: string | null
  short: string
  long: string
  notes: string
  license: string
  size: number
  /** Fingerprint of the key that signed it. */
  signer: string
}

/** Why a file was refused: one that the page knows words for, or the reader's own. */
export type Refusal = { known: 'not-a-package' | 'version-1' | 'zip' | 'empty' } | { said: string }

/**
 * Reads a package in the browser: header, signature and tables are checked, then only the manifest and the
 * icon are read, so that a file of gigabytes opens at once. `architecture` is the server's; null if unknown.
 */
export async function previewOf(
  file: File,
  architecture: string | null,
): Promise<{ preview: PackagePreview } | { refusal: Refusal }> {
  if (file.size === 0) return { refusal: { known: 'empty' } }
  // The reader comes with its hashes and checks: only who adds a service loads it.
  const { blobSource, keyFingerprint, openS9pk, S9pkError } = await import('@startd/base/s9pk/index.ts')
  try {
    const opened = await openS9pk(blobSource(file))
    if (architecture !== null) opened.images(architecture)
    const { manifest } = opened
    return {
      preview: {
        manifest,
        icon: await opened.icon().catch(() => null),
        short: localText(manifest.description.short),
        long: localText(manifest.description.long),
        notes: localText(manifest.releaseNotes),
        license: manifest.license,
        size: file.size,
        signer: keyFingerprint(opened.signer),
      },
    }
  } catch (error) {
    if (error instanceof S9pkError) {
      const { fault } = error
      if (fault === 'not-a-package' || fault === 'version-1' || fault === 'zip')
        return { refusal: { known: fault } }
      return { refusal: { said: sentence(error.details) } }
    }
    if (error instanceof Error && 'details' in error)
      return { refusal: { said: sentence(String(error.details)) } }
    throw error
  }
}

/** How a version stands to the installed one; null when nothing is installed. */
export async function changeOf(
  installed: string | null,
  offered: string,
): Promise<'install' | 'update' | 'reinstall' | 'downgrade'> {
  if (installed === null) return 'install'
  const { ExtendedVersion } = await import('@startd/base/exver/index.ts')
  const order = ExtendedVersion.parse(offered).compareForSort(ExtendedVersion.parse(installed))
  if (order === 0) return 'reinstall'
  return order > 0 ? 'update' : 'downgrade'
}

function sentence(text: string): string {
  const full = text.charAt(0).toLocaleUpperCase() + text.slice(1)
  return /[.!?]$/.test(full) ? full : `${full}.`
}
