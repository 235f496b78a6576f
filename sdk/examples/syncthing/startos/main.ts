import { credentials } from './credentials.ts'
import { nameDevice } from './device-name.ts'
import { SYNC_PORT, UI_PORT } from './ports.ts'
import { sdk } from './sdk.ts'

const USER = 'syncthing'
const CONFIG = '/config'
const DATA = '/data'

export const main = sdk.setupMain(async ({ effects }) => {
  // A new password takes effect by starting again.
  const login = await credentials.read().const(effects)
  if (!login)
    throw new Error('There is no password for the web interface yet. Run the action “Reset password”.')

  const mounts = sdk.Mounts.of()
    .mountVolume({ volumeId: 'main', subpath: 'config', mountpoint: CONFIG, readonly: false })
    .mountVolume({ volumeId: 'data', subpath: null, mountpoint: DATA, readonly: false })
  const subcontainer = sdk.SubContainer.of(effects, { imageId: 'main' }, mounts, 'syncthing')

  return sdk.Daemons.of(effects)
    .addOneshot('own-files', {
      subcontainer,
      exec: { command: ['chown', `${USER}:${USER}`, CONFIG, DATA], user: 'root' },
      requires: [],
    })
    .addOneshot('set-login', {
      subcontainer,
      exec: {
        // The password goes through standard input: command lines can be seen by others.
        fn: async (syncthing) => {
          const command = [
            'syncthing',
            'generate',
            `--home=${CONFIG}`,
            '--no-default-folder',
            '--skip-port-probing',
          ]
          await syncthing.execFail([...command, `--gui-user=${login.user}`, '--gui-password=-'], {
            user: USER,
            input: login.password,
          })
          await nameDevice(effects)
          return null
        },
      },
      requires: ['own-files'],
    })
    .addDaemon('syncthing', {
      subcontainer,
      exec: {
        command: ['syncthing', 'serve', `--home=${CONFIG}`, '--no-browser', '--no-restart', '--no-upgrade'],
        user: USER,
        // Every address of the container; on an address of its own only, it would refuse other host names.
        env: { STGUIADDRESS: `0.0.0.0:${UI_PORT}` },
      },
      ready: {
        display: 'Web Interface',
        gracePeriod: 30_000,
        fn: () =>
          sdk.healthCheck.checkPortListening(effects, UI_PORT, {
            successMessage: 'The web interface can be opened',
            errorMessage: 'The web interface does not answer',
          }),
      },
      requires: ['set-login'],
    })
    .addHealthCheck('sync', {
      ready: {
        display: 'Sync',
        fn: () =>
          sdk.healthCheck.checkPortListening(effects, SYNC_PORT, {
            successMessage: 'Other devices can connect',
            errorMessage: 'Other devices cannot connect',
          }),
      },
      requires: ['syncthing'],
    })
})
