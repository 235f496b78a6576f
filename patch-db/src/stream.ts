import type { Encoding } from './encoding.ts'
import type { Subscription } from './subscription.ts'

/** Takes whole WebSocket frames, in order. Answers a promise where the next ones must wait for it. */
export type FrameSink = { readonly write: (frames: readonly Buffer[]) => Promise<void> | undefined }

/** Frames that go out in one write while a reader catches up. */
const BATCH = 64

/**
 * Sends what a subscription brings until it ends, the signal aborts or the sink throws, and closes it. Whatever waits
 * goes out together. The other side can tell from the end alone that it must come back.
 */
export async function streamFrames(
  subscription: Subscription,
  encoding: Encoding,
  sink: FrameSink,
  signal: AbortSignal,
): Promise<void> {
  const stop = () => subscription.close()
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for (;;) {
      const frames: Buffer[] = []
      for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
        frames.push(next.frame(encoding))
        if (frames.length === BATCH) break
      }
      if (frames.length > 0) {
        const room = sink.write(frames)
        if (room !== undefined) await subscription.untilRoom(room)
      } else if (!(await subscription.ready())) return
    }
  } finally {
    signal.removeEventListener('abort', stop)
    subscription.close()
  }
}
