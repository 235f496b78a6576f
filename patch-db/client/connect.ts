import type { Dump, Revision } from '../src/patch.ts'
import type { PatchDbClient } from './patch-db-client.ts'

/** How to reach the server; `subscribe` asks it for a dump, `open` opens the socket that continues it. */
export type PatchDbTransport<T> = {
  readonly subscribe: () => Promise<{ readonly dump: Dump<T>; readonly guid: string }>
  readonly open: (guid: string) => WebSocket
}

export type ConnectOptions = {
  /** Told about every change of the connection; `lost` carries the cause where there is one. */
  readonly onState?: (state: 'connected' | 'lost', cause?: unknown) => void
  /** Asked before each further attempt; answer false to stop, for instance after a logout. */
  readonly retry?: (cause: unknown) => boolean
  /** First and longest pause between attempts, in milliseconds. */
  readonly minDelay?: number
  readonly maxDelay?: number
}

export type Connection = { readonly close: () => void }

/**
 * Keeps a client connected: dump, then socket, and again after any end of the socket (clean or not), after an update
 * that did not fit, and after a failed request. Pauses double up to `maxDelay`, with jitter, so that many browsers
 * do not come back in one instant.
 */
export function connect<T>(
  client: PatchDbClient<T>,
  transport: PatchDbTransport<T>,
  options: ConnectOptions = {},
): Connection {
  const { minDelay = 500, maxDelay = 15_000, onState, retry } = options
  let closed = false
  let attempts = 0
  let round = 0
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const lost = (which: number, cause: unknown): void => {
    if (closed || which !== round) return
    round++
    socket?.close()
    socket = undefined
    onState?.('lost', cause)
    if (closed || retry?.(cause) === false) return close()
    const delay = Math.min(maxDelay, minDelay * 2 ** Math.min(attempts++, 20))
    timer = setTimeout(() => void begin(), delay * (0.5 + Math.random() / 2))
  }

  const begin = async (): Promise<void> => {
    const mine = ++round
    try {
      const { dump, guid } = await transport.subscribe()
      if (closed || mine !== round) return
      const current = transport.open(guid)
      socket = current
      current.onopen = () => {
        if (closed || mine !== round) return
        attempts = 0
        onState?.('connected')
      }
      current.onmessage = ({ data }) => {
        if (closed || mine !== round) return
        try {
          client.update(JSON.parse(String(data)) as Revision)
        } catch (cause) {
          lost(mine, cause)
        }
      }
      current.onclose = (event) => lost(mine, event)
      current.onerror = (event) => lost(mine, event)
      client.update(dump)
    } catch (cause) {
      lost(mine, cause)
    }
  }

  const resyncs = client.resync$.subscribe((cause) => lost(round, cause))

  function close(): void {
    if (closed) return
    closed = true
    clearTimeout(timer)
    resyncs.unsubscribe()
    socket?.close()
  }

  void begin()
  return { close }
}
