import type { PatchDbClient } from './patch-db-client.ts'

/** Where a copy outlives the page: the browser's storage, a file. What fails here is told to `onError`. */
export type OfflineStore = {
  readonly load: () => string | null | Promise<string | null>
  readonly save: (text: string) => void | Promise<void>
  readonly remove: () => void | Promise<void>
}

/** What is kept, and how. */
export type OfflineOptions<T> = {
  /** Version of the model: a copy of another one is thrown away. */
  readonly version: string
  /** What may be kept. Leave secrets out here: whoever can read the store can read all of it. */
  readonly select: (value: T) => T
  /** A longer copy is not kept at all. Characters; one million unless given. */
  readonly maxCharacters?: number
  /** Pause after a change before it is saved, in milliseconds; one thousand unless given. */
  readonly delay?: number
  readonly onError?: (error: unknown) => void
}

/** A copy that is kept until it is closed. */
export type Offline = {
  /** Fulfils when the earlier copy is shown, or there is none. */
  readonly loaded: Promise<void>
  /** Stops, without saving what is still waiting. */
  readonly close: () => void
}

/**
 * Shows the copy that was kept last until the server's own comes, and keeps the current one: some time after a change,
 * never more often. `client.clear()` removes it. Until a dump has come, the copy counts as old: nothing builds on it.
 */
export function keepOffline<T>(
  client: PatchDbClient<T>,
  store: OfflineStore,
  options: OfflineOptions<T>,
): Offline {
  const { version, select, maxCharacters = 1_000_000, delay = 1000, onError } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  /** One access to the store at a time, in order. */
  let turn: Promise<void> = Promise.resolve()
  let closed = false

  const enqueue = (work: () => void | Promise<void>): Promise<void> =>
    (turn = turn.then(work).catch((error: unknown) => onError?.(error)))

  const load = async (): Promise<void> => {
    const text = await store.load()
    if (text === null) return
    const kept = parse(text)
    if (kept?.version !== version) await store.remove()
    else if (!closed) client.showCached(kept.value as T)
  }

  const save = async (): Promise<void> => {
    if (client.value === undefined || client.id === 0) return
    const text = JSON.stringify({ version, value: select(client.value) })
    if (text.length > maxCharacters) await store.remove()
    else await store.save(text)
  }

  const loaded = enqueue(load)
  let had = false
  const changes = client.state$.subscribe((state) => {
    if (state === null) {
      clearTimeout(timer)
      timer = undefined
      if (had) void enqueue(() => store.remove())
      had = false
      return
    }
    had = true
    if (state.id === 0) return
    timer ??= setTimeout(() => {
      timer = undefined
      void enqueue(save)
    }, delay)
  })

  return {
    loaded,
    close: () => {
      closed = true
      clearTimeout(timer)
      changes.unsubscribe()
    },
  }
}

function parse(text: string): { version?: unknown; value?: unknown } | null {
  try {
    return JSON.parse(text) as { version?: unknown; value?: unknown } | null
  } catch {
    return null
  }
}
