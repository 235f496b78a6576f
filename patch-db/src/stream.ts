import type { Encoding } from './encoding.ts'
import type { Subscription } from './subscription.ts'

/** Takes whole WebSocket frames, in order. Answers a promise where the next ones must wait for it. May throw. */
export type FrameSink = { readonly write: (frames: readonly Buffer[]) => Promise<void> | undefined }

/** Frames that go out in one write while a reader catches up. */
const BATCH = 64

/**
 * Sends what a subscription brings until it ends, the signal aborts or the sink fails, and closes it. Whatever waits
 * goes out together. The other side can tell from the end alone that it must come back. Rejects with the sink's error.
 */
export async function streamFrames(
  subscription: Subscription,
  encoding: Encoding,
  sink: FrameSink,
  signal: AbortSignal,
): Promise<void> {
  const ended = Promise.withResolvers<void>()
  let waits = false

  const fail = (error: unknown): void => {
    ended.reject(error as Error)
    subscription.close()
  }
  /** Not an async function: a thousand of them, woken for each revision, would cost more than the frame. */
  const pump = (): void => {
    if (subscription.closed) return ended.resolve()
    try {
      while (!waits) {
        const frames = takeFrames(subscription, encoding)
        if (frames.length === 0) return
        const room = sink.write(frames)
        if (room === undefined) continue
        waits = true
        room.then(() => {
          waits = false
          pump()
        }, fail)
      }
    } catch (error) {
      fail(error)
    }
  }

  const stop = () => subscription.close()
  signal.addEventListener('abort', stop, { once: true })
  subscription.onWake = () => soon(pump)
  if (signal.aborted) stop()
  pump()
  try {
    await ended.promise
  } finally {
    signal.removeEventListener('abort', stop)
    subscription.close()
  }
}

function takeFrames(subscription: Subscription, encoding: Encoding): readonly Buffer[] {
  const first = subscription.take()
  if (first === undefined) return NONE
  if (subscription.pending === 0) return first.alone(encoding)
  const frames = [first.frame(encoding)]
  for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
    frames.push(next.frame(encoding))
    if (frames.length === BATCH) break
  }
  return frames
}

const NONE: readonly Buffer[] = []

/** Streams that have something to do, until the commit that woke them is through with its own work. */
let due: (() => void)[] = []

function soon(pump: () => void): void {
  if (due.push(pump) > 1) return
  queueMicrotask(() => {
    const pumps = due
    due = []
    for (const pump of pumps) pump()
  })
}
