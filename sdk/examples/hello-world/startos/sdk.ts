import { StartSdk } from '@startd/sdk'
import { manifest } from './manifest.ts'

export const sdk = StartSdk.of().withManifest(manifest).build(true)
