import { CodedError } from '@startd/base/errors.ts'
import type { FirstBoot } from '../setup/first-boot.ts'
import type { Continuations } from '../rpc/continuations.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { listDisks } from '../system/disks.ts'
import { plainPassword } from './plain-password.ts'

/** rpc-methods.md §3.12. */
export function setupHandlers(boot: FirstBoot, continuations: Continuations) {
  const progress = () => ({
    progress: boot.progress,
    guid: continuations.socket(
      async (socket) => {
        await boot.settled
        if (boot.error) throw boot.error
        await socket.send(boot.progress)
      },
      { session: null },
    ),
  })
  return {
    'setup.status': () => {
      const status = boot.status()
      return status.status === 'running' ? { ...status, ...progress() } : status
    },
    'setup.execute': ({ password, name, hostname, recoverySource }) => {
      if (recoverySource !== null) {
        throw new CodedError(
          'NotYet',
          'startd does not start from a backup or another disk yet. Set it up as a new server',
        )
      }
      boot.execute({ password: plainPassword(password ?? ''), name, hostname })
      return progress()
    },
    'setup.complete': () => boot.complete(),
    'setup.exit': () => {
      boot.exit()
      return null
    },
    'setup.set-language': ({ language }) => {
      boot.setLanguage(language)
      return null
    },
    'setup.set-keyboard': (keyboard) => {
      boot.setKeyboard(keyboard)
      return null
    },
    'setup.disk.list': () => listDisks(),
  } satisfies Handlers
}
