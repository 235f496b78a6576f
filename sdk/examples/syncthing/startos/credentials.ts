import { FileHelper, utils, z } from '@startd/sdk'
import { sdk } from './sdk.ts'

const PASSWORD = { charset: 'a-z,A-Z,2-9', len: 24 }

/** User and password of the web interface. Syncthing itself only keeps a hash of the password. */
export const credentials = FileHelper.json(
  { base: sdk.volumes.main, subpath: 'credentials.json' },
  z.object({ user: z.string().catch('admin'), password: z.string() }),
)

export function newPassword(): string {
  return utils.getDefaultString(PASSWORD)
}
