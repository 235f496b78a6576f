import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { CodedError } from '@startd/base/errors.ts'
import type { Layer } from '../merge/index.ts'

/**
 * A directory as the layer that GNU tar makes of it, with capabilities and attributes of applications. Times are
 * zero, because they tell nothing of a directory that was checked out or built, so that the same files are the same
 * bytes. `owner` `root` gives all to root.
 */
export function directoryLayer(directory: string, owner: 'keep' | 'root'): Layer {
  const owners = owner === 'root' ? ['--owner=:0', '--group=:0'] : []
  const attributes = ['--xattrs', '--xattrs-include=security.capability', '--xattrs-include=user.*']
  const pax = '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime'
  const same = ['--format=posix', pax, '--sort=name', '--numeric-owner', '--mtime=@0', ...owners]
  return {
    what: directory,
    open: () => tarOutput(['-C', directory, ...attributes, ...same, '-cf', '-', '.'], directory),
  }
}

async function* tarOutput(args: string[], directory: string): AsyncGenerator<Uint8Array> {
  const child = spawn('tar', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', TAR_OPTIONS: undefined },
  })
  const ended = once(child, 'close').catch((cause: unknown) => {
    return new CodedError('Pack', 'tar is not installed; on Debian: apt-get install tar', { cause })
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said = `${said}${data.toString()}`.slice(-1000)))
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array
    const outcome = await ended
    if (outcome instanceof CodedError) throw outcome
    if (child.exitCode !== 0) throw new CodedError('Pack', `could not read ${directory}:\n${said.trim()}`)
  } finally {
    child.kill()
    await ended
  }
}
