import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LxcDriver, RUN_ROOT } from '../core/src/container/index.ts'
import { forgetAuthorizedKeys } from '../core/src/system/ssh/index.ts'
import { buildNative } from './native/index.ts'
import { stopDaemon } from './steps/daemon.ts'
import { requireHost } from './steps/host.ts'
import { readFlags } from './steps/options.ts'
import { CACHE, DEFAULT_DATA } from './steps/paths.ts'
import { say, step } from './steps/say.ts'

const HELP = `Stops startd and all its services, and removes what they added to this machine: containers, mounts,
network bridge and firewall table. Your data stays, and "npm run up" starts again from it.

  npm run down [-- FLAGS]

  --data DIR   the data directory that "up" was given (${DEFAULT_DATA})
  --purge      also remove all data of this server, the cache of built parts, the keys that it has added
               to your authorized_keys file (others in it stay), and the id range that was added to
               /etc/subuid and /etc/subgid. This cannot be undone. Logins and keys of
               start-cli in ~/.startos are yours and stay.
  -h, --help   this text`

const flags = readFlags(HELP, ['purge'])
await requireHost()

// What only a data directory of startd has: nothing else is ever removed.
if (!existsSync(join(flags.data, 'db/startd.db'))) {
  say(`There is no server in ${flags.data}: nothing to stop.`)
} else {
  await step('Stopping startd', () => stopDaemon(flags.data))
  const helper = await buildNative({ cacheDir: CACHE, log: (line) => say(`  ${line}`) })
  const driver = new LxcDriver({
    dataDir: flags.data,
    helper,
    rootfs: '',
    runtime: '',
    log: (line) => say(`  ${line}`),
  })
  await step('Stopping services, and removing their containers, mounts, bridge and firewall table', () =>
    flags.purge ? driver.purge() : driver.down(),
  )
  if (flags.purge) {
    await step('Taking the SSH keys of this server out', () => forgetAuthorizedKeys(flags.data))
    await step(`Removing ${flags.data}`, () => rm(flags.data, { recursive: true, force: true }))
  }
}
// Other servers of this machine may still run from the cache.
if (flags.purge && !existsSync(RUN_ROOT)) await rm(CACHE, { recursive: true, force: true })
say(
  flags.purge
    ? 'startd is gone from this machine. Debian packages that it installed stay.'
    : 'Everything is stopped. Your data is kept.',
)
