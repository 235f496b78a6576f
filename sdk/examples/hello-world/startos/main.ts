import { UI_PORT } from './interfaces.ts'
import { sdk } from './sdk.ts'

export const main = sdk.setupMain(async ({ effects }) => {
  const mounts = sdk.Mounts.of().mountVolume({
    volumeId: 'main',
    subpath: 'www',
    mountpoint: '/www',
    readonly: true,
  })
  return sdk.Daemons.of(effects).addDaemon('web', {
    subcontainer: sdk.SubContainer.of(effects, { imageId: 'main' }, mounts, 'web'),
    exec: { command: ['/bin/busybox', 'httpd', '-f', '-p', String(UI_PORT), '-h', '/www'], user: 'www-data' },
    ready: {
      display: 'Web Interface',
      fn: () =>
        sdk.healthCheck.checkPortListening(effects, UI_PORT, {
          successMessage: 'The page can be opened',
          errorMessage: 'The web server does not answer',
        }),
    },
    requires: [],
  })
})
