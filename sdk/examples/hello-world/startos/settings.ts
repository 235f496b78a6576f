import { FileHelper, z } from '@startd/sdk'
import { sdk } from './sdk.ts'

export const COLOURS = { sky: 'Sky blue', leaf: 'Leaf green', plum: 'Plum', sand: 'Sand' } as const
export type Colour = keyof typeof COLOURS

const shape = z.object({
  greeting: z.string().catch('Hello, World!'),
  colour: z.enum(['sky', 'leaf', 'plum', 'sand']).catch('sky'),
  showDate: z.boolean().catch(false),
})

export type Settings = z.output<typeof shape>

/** What the user chose, in the service's volume. */
export const settings = FileHelper.json({ base: sdk.volumes.main, subpath: 'settings.json' }, shape)
