import type { SDKManifest } from './types.ts'

/** Declares a package. Gives back what it got, with the ids of its images and volumes in the type. */
export function setupManifest<const M extends SDKManifest>(manifest: M): M {
  return manifest
}
