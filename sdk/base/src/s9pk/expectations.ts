import type { Manifest } from '../manifest.ts'
import { type Directory, lookUp, walk } from './directory.ts'
import { S9pkError } from './error.ts'
import { isIcon } from './media-type.ts'

/** Where an image of the package lies, for one machine. `arch` is another one when the image must be emulated. */
export interface ImageFiles {
  arch: string
  squashfs: string
  metadata: string
  env: string
}

/** The images that a machine of `arch` uses; throws when the package has none for it. */
export function imagesFor(manifest: Manifest, root: Directory, arch: string): Record<string, ImageFiles> {
  const images = Object.entries(manifest.images).map(([id, config]): [string, ImageFiles] => {
    const found = [arch, config.emulateMissingAs].find(
      (one) => one !== null && isFile(root, `images/${one}/${id}.squashfs`),
    )
    if (!found) throw wrongArchitecture(manifest, root, arch, id)
    const stem = `images/${found}/${id}`
    return [id, { arch: found, squashfs: `${stem}.squashfs`, metadata: `${stem}.json`, env: `${stem}.env` }]
  })
  return Object.fromEntries(images)
}

/**
 * The files that a package must have (s9pk.md §6.3) and may have, for one architecture or, with null, for all
 * that it says it supports. Throws when a required one is not there. Everything else can be left out.
 */
export function expectedFiles(manifest: Manifest, root: Directory, arch: string | null): Set<string> {
  const keep = new Set<string>()
  for (const path of ['manifest.json', 'LICENSE.md', 'javascript.squashfs', iconPath(root)]) need(path)
  for (const machine of arch === null ? supportedArches(manifest) : [arch]) {
    for (const files of Object.values(imagesFor(manifest, root, machine))) {
      for (const path of [files.squashfs, files.metadata, files.env]) need(path)
    }
  }
  for (const [path, entry] of walk(root)) {
    if (entry.kind === 'file' && isOptional(manifest, path)) keep.add(path)
  }
  return keep

  function need(path: string) {
    if (!isFile(root, path)) throw missingFile(path)
    keep.add(path)
  }
}

function isOptional(manifest: Manifest, path: string): boolean {
  if (path === 'instructions.md' || path === 'assets.squashfs') return true
  const [top, second, third, ...rest] = path.split('/')
  if (top === 'assets') return second !== undefined && third === undefined && second.endsWith('.squashfs')
  if (top !== 'dependencies' || third === undefined || rest.length > 0) return false
  return Object.hasOwn(manifest.dependencies, second ?? '') && (third === 'metadata.json' || isIcon(third))
}

/** The only `icon.*` of an image type at the root of the package. */
export function iconPath(root: Directory): string {
  const icons = [...root]
    .filter(([name, entry]) => entry.kind === 'file' && isIcon(name))
    .map(([name]) => name)
  if (icons.length > 1)
    throw new S9pkError(
      'damaged',
      `the package has more than one icon (${icons.join(', ')}); its author must remove all but one`,
    )
  if (icons[0] === undefined) throw missingFile('icon with an image extension such as icon.svg')
  return icons[0]
}

function supportedArches(manifest: Manifest): string[] {
  const declared = manifest.hardwareRequirements.arch
  if (declared) return declared
  const arches = new Set<string>()
  for (const [id, image] of Object.entries(manifest.images)) {
    if (image.emulateMissingAs === null) {
      throw new S9pkError(
        'damaged',
        `the manifest must set emulateMissingAs for image ${id}, or hardwareRequirements.arch`,
      )
    }
    if (!image.arch.includes(image.emulateMissingAs)) {
      throw new S9pkError('damaged', `emulateMissingAs of image ${id} must be one of its architectures`)
    }
    for (const arch of image.arch) arches.add(arch)
  }
  return [...arches]
}

function wrongArchitecture(manifest: Manifest, root: Directory, arch: string, id: string): S9pkError {
  const images = lookUp(root, 'images')
  const present =
    images?.kind === 'directory' ? [...images.contents].filter(([, entry]) => entry.kind === 'directory') : []
  const list = present.map(([name]) => name).join(', ')
  const advice = list ? `it was made for ${list}` : 'it contains no images'
  return new S9pkError(
    'architecture',
    `${manifest.title} has no “${id}” image for this machine (${arch}); ${advice}. Get the package for ${arch}`,
  )
}

function missingFile(path: string): S9pkError {
  return new S9pkError('missing-file', `the package has no ${path}; ask its author for a complete one`)
}

function isFile(root: Directory, path: string): boolean {
  return lookUp(root, path)?.kind === 'file'
}
