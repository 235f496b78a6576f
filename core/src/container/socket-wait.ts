import { watch } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { dirname } from 'node:path'

/** Fulfils when the unix socket at `path` accepts a connection. Ends without it only by the signal. */
export async function socketAccepts(path: string, signal: AbortSignal): Promise<void> {
  const found = Promise.withResolvers<void>()
  const look = async (): Promise<void> => {
    // Whoever runs inside can put a link there; only a socket is connected to.
    const info = await lstat(path).catch(() => null)
    if (!info?.isSocket() || signal.aborted) return
    const probe = createConnection(path, () => {
      probe.destroy()
      found.resolve()
    })
    // Bound but not listening yet lasts microseconds, and no file event tells its end.
    probe.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') setTimeout(() => void look(), 5)
    })
  }
  const watcher = watch(dirname(path), () => void look())
  watcher.on('error', found.reject)
  const stop = (): void => found.reject(signal.reason)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    await Promise.race([found.promise, look().then(() => found.promise)])
  } finally {
    signal.removeEventListener('abort', stop)
    watcher.close()
  }
}
