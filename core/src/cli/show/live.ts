/** A text on a terminal that is drawn again and again in the same place. */
export class LiveView implements Disposable {
  readonly #out: NodeJS.WriteStream
  #drawn = 0

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  /** Shows `text` instead of what was there. Its lines must not be wider than the terminal, or they stay behind. */
  show(text: string): void {
    const room = Math.max(1, (this.#out.rows || 24) - 1)
    const lines = text.split('\n').slice(0, room)
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A\u001b[J` : ''
    this.#out.write(`${up}${lines.join('\n')}\n`)
    this.#drawn = lines.length
  }

  /** Leaves what is shown where it is. */
  [Symbol.dispose](): void {
    this.#drawn = 0
  }
}
