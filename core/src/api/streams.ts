import type { Guid } from '@startd/base/ids.ts'
import type { LogEntry, LogFollowResponse } from '@startd/base/rpc/params.ts'
import type { Continuations } from '../rpc/continuations.ts'

/** A log that goes on until the signal aborts. */
interface FollowedLog {
  startCursor: string | null
  entries: AsyncIterable<LogEntry>
}

/** Promises a WebSocket with one value per frame. `open` starts at the first use; its signal ends with the socket. */
export function streamValues<T>(
  continuations: Continuations,
  session: string | null,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): Guid {
  return continuations.socket(
    async (socket, signal) => {
      for await (const value of open(signal)) await socket.send(value)
    },
    { session },
  )
}

/** Opens a log at once, so that no line is missed, and promises its lines on a WebSocket. */
export async function streamLog(
  continuations: Continuations,
  session: string | null,
  open: (signal: AbortSignal) => FollowedLog | Promise<FollowedLog>,
): Promise<LogFollowResponse> {
  const reading = new AbortController()
  const { startCursor, entries } = await open(reading.signal)
  const guid = continuations.socket(
    async (socket, signal) => {
      signal.addEventListener('abort', () => reading.abort())
      try {
        for await (const entry of entries) await socket.send(entry)
      } finally {
        reading.abort()
      }
    },
    { session, onUnused: () => reading.abort() },
  )
  return { startCursor, guid }
}
