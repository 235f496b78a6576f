import { setTimeout as wait } from 'node:timers/promises'

/** How late timers of this process are. */
export class LoopDelay implements Disposable {
  readonly #every = 5
  readonly #delays: number[] = []
  #last = performance.now()
  readonly #timer = setInterval(() => {
    const now = performance.now()
    this.#delays.push(Math.max(0, now - this.#last - this.#every))
    this.#last = now
  }, this.#every)

  p99(): number {
    return [...this.#delays].sort((a, b) => a - b)[Math.floor(this.#delays.length * 0.99)] ?? 0
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

/** The same while this process does nothing: what the rest of the machine takes. */
export async function idleDelay(): Promise<number> {
  using delay = new LoopDelay()
  await wait(1000)
  return delay.p99()
}
