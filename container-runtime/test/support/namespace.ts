import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { buildNative } from '../../../build/native/index.ts'

const BUSYBOX = '/usr/bin/busybox'

/** Sets up what a container would have, in private mounts, then becomes the given program. */
const SCRIPT = `set -e
mount -t overlay overlay -o lowerdir="$1/bin":/usr/bin /usr/bin
mount -t tmpfs tmpfs /media
mkdir -p /media/startos/volumes/main /media/startos/images
printf 'PATH=/bin\\n' > /media/startos/images/web.env
shift
exec "$@"`

/**
 * Words that run a program in mount and process namespaces of its own, with an empty `/media/startos` and
 * `start-container` in its search path. All that it starts ends with it.
 */
export async function likeAContainer(dir: string): Promise<string[]> {
  const helper = await buildNative({ cacheDir: join(homedir(), '.cache', 'startd'), log: () => undefined })
  await mkdir(join(dir, 'bin'))
  await copyFile(helper, join(dir, 'bin/start-container'))
  const unshare = [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ]
  return [...unshare, 'sh', '-c', SCRIPT, 'sh', dir]
}

/** A root file system with BusyBox for a subcontainer. */
export async function busyboxRoot(root: string): Promise<void> {
  for (const name of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp'])
    await mkdir(join(root, name), { recursive: true })
  await copyFile(BUSYBOX, join(root, 'bin/busybox'))
  await symlink('busybox', join(root, 'bin/sh'))
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n')
}
