import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { NODE_FLAGS } from '../../core/src/bin/node-flags.ts'
import type { Artefacts } from './artefacts.ts'
import type { Flags } from './options.ts'
import { ROOT } from './paths.ts'
import { fail } from './say.ts'

const DAEMON = 'core/src/bin/startd.ts'
const PATIENCE_MS = 30_000

/** What Node is given to run the daemon. */
export function daemonArguments(
  { data, listen, port, sshKeys, managePower }: Flags,
  { web, rootfs, helper, runtime }: Artefacts,
): string[] {
  const flags = { data, listen, port, web, rootfs, helper, runtime }
  return [
    ...NODE_FLAGS,
    join(ROOT, DAEMON),
    ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    ...(sshKeys === null ? [] : ['--ssh-keys', sshKeys]),
    ...(managePower ? ['--manage-power'] : []),
  ]
}

/** Ends the daemon of a data directory, if one runs, and waits until it is gone. Services keep running. */
export async function stopDaemon(dataDir: string): Promise<void> {
  const pid = Number(await readFile(join(dataDir, 'run/pid'), 'utf8').catch(() => ''))
  if (!pid || !(await isDaemon(pid))) return
  process.kill(pid, 'SIGTERM')
  const end = Date.now() + PATIENCE_MS
  while (await isDaemon(pid)) {
    if (Date.now() > end)
      fail(`startd (process ${pid}) does not stop. End it with:  kill -9 ${pid}\nthen run this again.`)
    await delay(50)
  }
}

/** The number may belong to another program by now: only one that runs our daemon counts. */
async function isDaemon(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return command.split('\0').some((part) => part.endsWith(DAEMON))
}
