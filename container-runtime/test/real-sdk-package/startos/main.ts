import { settings } from './fileModels/settings.json'
import { sdk } from './sdk'
import { uiPort } from './utils'

const words = { en: 'Hello', de: 'Hallo' }

export const main = sdk.setupMain(async ({ effects }) => {
  const wish = await settings.read().const(effects)
  if (!wish) throw new Error('settings.json is missing')
  const line = `${words[wish.language]}, ${wish.name}!`
  const page = Array(wish.times)
    .fill(wish.loud ? line.toUpperCase() : line)
    .join('\n')

  const subcontainer = sdk.SubContainer.of(
    effects,
    { imageId: 'web' },
    sdk.Mounts.of().mountVolume({ volumeId: 'main', subpath: 'www', mountpoint: '/www', readonly: false }),
    'web',
  )

  return sdk.Daemons.of(effects)
    .addOneshot('write-page', {
      subcontainer,
      exec: { command: ['sh', '-c', 'printf "%s\\n" "$PAGE" > /www/index.html'], env: { PAGE: page } },
      requires: [],
    })
    .addDaemon('web', {
      subcontainer,
      exec: { command: ['busybox', 'httpd', '-f', '-p', String(uiPort), '-h', '/www'] },
      ready: {
        display: 'Web page',
        fn: () =>
          sdk.healthCheck.checkPortListening(effects, uiPort, {
            successMessage: 'The page is up',
            errorMessage: 'The page is not up yet',
          }),
      },
      requires: ['write-page'],
    })
})
