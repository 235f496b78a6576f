/** A small generator of random numbers that gives the same ones for the same seed (xorshift128+ in its 32-bit form). */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number) {
    this.#a = seed | 0 || 1
    this.#b = 0x9e3779b9 ^ seed
    this.#c = 0x243f6a88 + seed
    this.#d = 0xb7e15162
    for (let i = 0; i < 20; i++) this.next()
  }

  /** 32 random bits. */
  next(): number {
    const t = this.#d ^ (this.#d << 11)
    this.#d = this.#c
    this.#c = this.#b
    this.#b = this.#a
    this.#a = (this.#a ^ (this.#a >>> 19) ^ (t ^ (t >>> 8))) | 0
    return this.#a >>> 0
  }

  /** From 0 up to, not including, `end`. */
  below(end: number): number {
    return this.next() % end
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!
  }
}
