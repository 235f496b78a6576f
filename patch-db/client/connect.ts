import type { Position } from '../src/history.ts'
import type { Dump } from '../src/patch.ts'
import type { ContinuedRevision, PatchDbClient } from './patch-db-client.ts'

/** How to reach the server; `subscribe` asks it to begin, `open` opens the socket that continues. */
export type PatchDbTransport<T> = {
  /** `since` says how far the copy goes; a server that can go on from there needs to send no dump. */
  readonly subscribe: (since: Position | null) => Promise<{
    readonly dump?: Dump<T> | undefined
    readonly guid: string
    readonly epoch?: string | undefined
  }>
  readonly open: (guid: string) => WebSocket
}

/** How a connection reports and how patient it is. */
export type ConnectOptions = {
  /** Told about every change of the connection; `lost` carries the cause where there is one. */
  readonly onState?: (state: 'connected' | 'lost', cause?: unknown) => void
  /** Asked before each further attempt; answer false to stop, for instance after a logout. */
  readonly retry?: (cause: unknown) => boolean
  /** First and longest pause between attempts, in milliseconds. */
  readonly minDelay?: number
  readonly maxDelay?: number
  /** Reads binary frames, where the server was asked for them: `decodeCbor` of `client/cbor`. */
  readonly decode?: (bytes: Uint8Array) => unknown
}

/** A client that is kept connected until it is closed. */
export type Connection = { readonly close: () => void }

/**
 * Keeps a client connected: dump, then socket, and again after any end of the socket (clean or not), after an update
 * that did not fit, and after a failed request. Comes back without a dump where the server still knows what was
 * missed. Pauses double up to `maxDelay`, with jitter, so that many browsers do not come back in one instant.
 */
export function connect<T>(
  client: PatchDbClient<T>,
  transport: PatchDbTransport<T>,
  options: ConnectOptions = {},
): Connection {
  const { minDelay = 500, maxDelay = 15_000, onState, retry } = options
  let closed = false
  /** Attempts without a connection, and connections whose first update did not fit. */
  let failures = 0
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
    const delay = Math.min(maxDelay, minDelay * 2 ** Math.min(failures++, 20))
    timer = setTimeout(() => void begin(), delay * (0.5 + Math.random() / 2))
  }

  const begin = async (): Promise<void> => {
    const mine = ++round
    const isOver = () => closed || mine !== round
    try {
      const answer = await transport.subscribe(client.position)
      if (isOver()) return
      const current = transport.open(answer.guid)
      current.binaryType = 'arraybuffer'
      socket = current
      let opened = false
      current.onopen = () => {
        if (isOver()) return
        opened = true
        onState?.('connected')
      }
      current.onmessage = ({ data }) => {
        if (isOver()) return
        try {
          client.update(read(data))
          if (!isOver()) failures = 0
        } catch (cause) {
          lost(mine, cause)
        }
      }
      current.onclose = (event) => {
        if (opened && !isOver()) failures = 0
        lost(mine, event)
      }
      current.onerror = (event) => lost(mine, event)
      client.begin(answer)
    } catch (cause) {
      lost(mine, cause)
    }
  }

  const read = (data: unknown): ContinuedRevision => {
    if (!(data instanceof ArrayBuffer)) return JSON.parse(String(data)) as ContinuedRevision
    if (options.decode === undefined) throw new TypeError('binary frames need the option `decode`')
    return options.decode(new Uint8Array(data)) as ContinuedRevision
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
