/** Bounds of what one image may bring, so that a hostile one ends in an error and not in a full disk. */
export interface ImageLimits {
  /** Bytes of all layers, unpacked. */
  unpacked: number
  /** Names in all layers. */
  entries: number
  /** Bytes of names and attributes in all layers, which are held in memory. */
  metadata: number
  layers: number
  /** Bytes of one layer as it is stored or sent. */
  layer: number
}

export const IMAGE_LIMITS: ImageLimits = {
  unpacked: 64 * 2 ** 30,
  entries: 1_000_000,
  metadata: 256 * 2 ** 20,
  layers: 500,
  layer: 32 * 2 ** 30,
}

/** Bytes of an index, a manifest or a configuration. */
export const MAX_DOCUMENT = 4 * 2 ** 20
