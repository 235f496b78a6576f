import { CodedError } from '@startd/base/errors.ts'
import { checkHostname, type ServerDb } from '../db/index.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { deviceInfo } from '../system/device-info.ts'
import { governors, setGovernor } from '../system/governor.ts'
import { findDevices } from '../system/hardware.ts'

/** rpc-methods.md §3.2: what the machine is, and what it is called. */
export function serverHandlers(db: ServerDb) {
  const begun = performance.now()
  return {
    'server.time': () => ({
      now: new Date().toISOString(),
      uptime: Math.floor((performance.now() - begun) / 1000),
    }),
    'server.device-info': async () => {
      const { version, packageVersionCompat: compat, language } = db.peek().public.serverInfo
      return deviceInfo({ version, compat, language }, await findDevices())
    },
    'server.experimental.governor': async ({ set }) => {
      if (set !== null) {
        await setGovernor(set)
        await db.mutate(({ public: { serverInfo } }) => {
          serverInfo.governor = set
        })
      }
      return governors()
    },
    'server.set-hostname': async ({ name, hostname }) => {
      await rename(db, name?.trim() || null, hostname?.trim() || null)
      return null
    },
    'server.set-language': async ({ language }) => {
      await db.mutate(({ public: { serverInfo } }) => {
        if (serverInfo.language !== language) serverInfo.statusInfo.restart = 'language'
        serverInfo.language = language
      })
      return null
    },
    // Kept for those who ask; the keyboard itself belongs to the system of this machine.
    'server.set-keyboard': async (keyboard) => {
      await db.mutate(({ public: { serverInfo } }) => {
        serverInfo.keyboard = keyboard
      })
      return null
    },
  } satisfies Handlers
}

async function rename(db: ServerDb, name: string | null, hostname: string | null): Promise<void> {
  if (name === null && hostname === null)
    throw new CodedError('InvalidRequest', 'Give a name, a network name, or both')
  if (hostname !== null) checkHostname(hostname)
  await db.mutate(({ public: { serverInfo } }) => {
    if (name !== null) serverInfo.name = name
    if (hostname === null || hostname === serverInfo.hostname) return
    serverInfo.hostname = hostname
    serverInfo.statusInfo.restart = 'mdns'
  })
}
