import { z } from 'zod'
import { Guid, ImageId, PackageId } from '../ids.ts'
import { method, type Methods } from './method.ts'
import { maybe } from './params.ts'

const size = z.int().min(0).max(65535)

/** rpc-methods.md §5.3. */
export const AttachParams = z.object({
  id: PackageId.describe('Id of the service, from “package list”'),
  command: z
    .array(z.string().max(65536))
    .max(1024)
    .describe('Program and its arguments; a shell unless given'),
  tty: z.boolean().describe('With a terminal'),
  stderrTty: z.boolean().describe('With a terminal for errors as well'),
  ptySize: maybe(z.object({ rows: size, cols: size, pixels: maybe(z.tuple([size, size])) })).describe(
    'Size of the terminal, as JSON',
  ),
  subcontainer: maybe(Guid).meta({ description: 'The part of the service, by its id', short: 's' }),
  name: maybe(z.string().max(256)).meta({ description: 'The part of the service, by its name', short: 'n' }),
  imageId: maybe(ImageId).meta({ description: 'The part of the service, by its image', short: 'i' }),
  user: maybe(z.string().max(256)).meta({ description: 'Who the program runs as', short: 'u' }),
})

/** rpc-methods.md §3.3; the stream is that of rpc.md §8.3. */
export const packageAttachMethods = {
  'package.attach': method('Run a program inside a service', AttachParams, Guid, {
    getSession: true,
    cli: {
      positional: ['id', 'command?…'],
      examples: ['start-cli package attach hello-world', 'start-cli package attach hello-world ls /data'],
    },
  }),
} as const satisfies Methods
