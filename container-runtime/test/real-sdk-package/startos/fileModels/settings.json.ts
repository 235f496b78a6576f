import { FileHelper, z } from '@start9labs/start-sdk'
import { sdk } from '../sdk'

const shape = z.object({
  name: z.string().catch('World'),
  times: z.number().int().catch(1),
  loud: z.boolean().catch(false),
  language: z.enum(['en', 'de']).catch('en'),
  token: z.string().catch(''),
})

export const settings = FileHelper.json({ base: sdk.volumes.main, subpath: 'settings.json' }, shape)
