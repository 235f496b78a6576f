import { existsSync } from 'node:fs'
import { fail } from './say.ts'

/** Ends with what is missing and how to get it, when this machine can never run startd. */
export async function requireHost(): Promise<void> {
  if (process.platform !== 'linux') {
    fail(
      'startd runs services in Linux containers, so it needs a Linux machine (Debian 12 or newer, or Ubuntu). A virtual machine will do.',
    )
  }
  if (!existsSync('/usr/bin/apt-get')) {
    fail(
      'startd sets itself up from Debian packages, and this machine has no apt-get. Use Debian 12 or newer, or Ubuntu.',
    )
  }
  if (process.getuid?.() !== 0) {
    fail(
      'startd makes containers, mounts and a network bridge, which only the administrator (root) may do.\nRun it as root:  sudo npm run up',
    )
  }
}
