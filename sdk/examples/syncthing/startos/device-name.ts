import { hostname } from 'node:os'
import { FileHelper, type T } from '@startd/sdk'
import { sdk } from './sdk.ts'

const config = FileHelper.string({ base: sdk.volumes.main, subpath: 'config/config.xml' })

/** A new Syncthing shows itself under its container's name, which tells nobody anything. */
export async function nameDevice(effects: T.Effects): Promise<void> {
  const text = await config.read().once()
  const named = text?.replaceAll(`name="${hostname()}"`, 'name="My server"')
  if (named && named !== text) await config.write(effects, named)
}
