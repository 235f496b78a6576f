import { StartSdk } from '@startd/sdk'
import { manifest } from './manifest.ts'

/** The SDK that knows this package: a volume or image that is not in the manifest is a type error. */
export const sdk = StartSdk.of().withManifest(manifest).build(true)
