import { PORT } from './interfaces.ts'
import { sdk } from './sdk.ts'

/** What runs while the service is started, and when it is well. */
export const main = sdk.setupMain(async ({ effects }) => {
  const pages = sdk.Mounts.of().mountVolume({
    volumeId: 'main',
    subpath: 'www',
    mountpoint: '/www',
    readonly: true,
  })
  return sdk.Daemons.of(effects).addDaemon('web', {
    subcontainer: sdk.SubContainer.of(effects, { imageId: 'main' }, pages, 'web'),
    exec: { command: ['/bin/busybox', 'httpd', '-f', '-p', String(PORT), '-h', '/www'] },
    ready: {
      display: 'Web page',
      fn: () =>
        sdk.healthCheck.checkPortListening(effects, PORT, {
          successMessage: 'The page can be opened',
          errorMessage: 'The web server does not answer',
        }),
    },
    requires: [],
  })
})
