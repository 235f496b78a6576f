import type { LocaleString } from '@startd/base/service-schemas.ts'

type Absent<T> = T | null | undefined

/** Where an image comes from. A project may instead describe its images in `images.yaml`. */
export type SDKImageSource =
  | 'packed'
  | { readonly dockerTag: string }
  | {
      readonly dockerBuild: {
        readonly workdir?: Absent<string>
        readonly dockerfile?: Absent<string>
        readonly buildArgs?: Absent<Readonly<Record<string, string | { readonly env: string }>>>
      }
    }

export interface SDKImageInputSpec {
  readonly source: SDKImageSource
  /** Processor architectures; all three when left out. */
  readonly arch?: readonly string[] | undefined
  /** Which of them stands in where the machine's own is missing; null = none does. */
  readonly emulateMissingAs?: Absent<string>
  readonly nvidiaContainer?: boolean | undefined
}

export type ManifestDependency = {
  readonly description: Absent<LocaleString>
  readonly optional: boolean
} & (
  | { readonly metadata: { readonly title: LocaleString; readonly icon: string } }
  | { readonly s9pk: string | null }
)

export interface SDKDeviceFilter {
  readonly description: string
  readonly class: 'processor' | 'display'
  readonly product: string | null
  readonly vendor: string | null
  readonly capabilities?: Absent<readonly string[]>
  readonly driver?: Absent<string>
}

/** What an author declares (sdk.md §5). Keys of older generations (`alerts`, `docsUrls`) are let through and dropped. */
export interface SDKManifest {
  readonly id: string
  readonly title: string
  readonly license: string
  readonly packageRepo: string
  readonly upstreamRepo: string
  readonly marketingUrl?: Absent<string>
  readonly donationUrl: string | null
  readonly description: { readonly short: LocaleString; readonly long: LocaleString }
  readonly images: Readonly<Record<string, SDKImageInputSpec>>
  readonly volumes: readonly string[]
  readonly dependencies: Readonly<Record<string, ManifestDependency>>
  readonly hardwareRequirements?:
    { readonly device?: readonly SDKDeviceFilter[] | undefined; readonly ram?: Absent<number> } | undefined
  readonly hardwareAcceleration?: boolean | undefined
  readonly userspaceFilesystems?: boolean | undefined
  readonly virtualNetworking?: boolean | undefined
  readonly plugins?: readonly 'url-v0'[] | undefined
  readonly osVersion?: string | undefined
}

export type ImageIdOf<M extends SDKManifest> = keyof M['images'] & string
export type VolumeIdOf<M extends SDKManifest> = M['volumes'][number]
export type DependencyIdOf<M extends SDKManifest> = keyof M['dependencies'] & string
