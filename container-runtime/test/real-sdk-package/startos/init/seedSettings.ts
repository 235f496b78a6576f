import { utils } from '@start9labs/start-sdk'
import { settings } from '../fileModels/settings.json'
import { sdk } from '../sdk'

export const seedSettings = sdk.setupOnInit(async (effects, kind) => {
  if (kind === 'install') {
    const token = utils.getDefaultString({ charset: 'a-z,A-Z,0-9', len: 22 })
    await settings.merge(effects, { token })
  } else {
    await settings.merge(effects, {})
  }
})
