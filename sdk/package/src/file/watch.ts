import { type FSWatcher, existsSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/**
 * Calls `changed` once, when something happens to the file or, where it does not exist yet, to the
 * nearest directory above it. Watching the directory also sees a file that is replaced by renaming.
 */
export function watchFile(path: string, changed: () => void, stop?: AbortSignal): void {
  if (stop?.aborted) return
  const { directory, entry } = nearest(path)
  const watcher = open(directory, (name) => {
    if (name !== null && name !== entry) return
    end()
    changed()
  })
  const end = () => {
    watcher?.close()
    stop?.removeEventListener('abort', end)
  }
  stop?.addEventListener('abort', end, { once: true })
}

/** The closest directory that exists, and the entry in it on the way to the file. */
function nearest(path: string): { directory: string; entry: string } {
  let entry = path
  while (!existsSync(dirname(entry)) && dirname(entry) !== entry) entry = dirname(entry)
  return { directory: dirname(entry), entry: basename(entry) }
}

function open(directory: string, onEvent: (name: string | null) => void): FSWatcher | null {
  try {
    const watcher = watch(directory, { persistent: false }, (_, name) => onEvent(name))
    watcher.on('error', () => onEvent(null))
    return watcher
  } catch (error) {
    console.error(`changes below ${directory} cannot be noticed:`, error)
    return null
  }
}
