import { computed, type Signal, signal } from '@angular/core'
import { bufferTime, filter, type Subscription } from 'rxjs'
import type { Rpc } from '../../../../../shared/api/rpc.ts'
import { stream } from '../../../../../shared/api/stream.ts'
import { append, type LogEntry, type LogLine, toLine } from './log-buffer.ts'

const FIRST = 400
const PAGE = 400
/** Lines are drawn in batches, a few times a second. */
const BATCH = 200
const RETRY = 1_500

/** A service’s log: it follows, can be held, goes back page by page, and comes back after a loss without gaps. */
export class LogFeed {
  readonly #rpc: Rpc
  readonly #id: string
  readonly #lines = signal<LogLine[]>([])
  readonly #held = signal<LogLine[]>([])
  #startCursor: string | null = null
  #frames: Subscription | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  readonly lines: Signal<LogLine[]> = this.#lines.asReadonly()
  /** Lines that came while the view was held. */
  readonly heldCount = computed(() => this.#held().length)
  readonly isPaused = signal(false)
  readonly isLive = signal(false)
  readonly isAtStart = signal(false)
  readonly isOpen = signal(false)
  readonly failure = signal<unknown>(null)

  constructor(rpc: Rpc, id: string) {
    this.#rpc = rpc
    this.#id = id
    void this.#follow()
  }

  pause(): void {
    this.isPaused.set(true)
  }

  resume(): void {
    this.#lines.update((lines) => append(lines, this.#held()))
    this.#held.set([])
    this.isPaused.set(false)
  }

  /** One page of older lines. */
  async older(): Promise<void> {
    if (this.#startCursor === null) return this.isAtStart.set(true)
    const { entries, startCursor } = await this.#rpc.call('package.logs', {
      id: this.#id,
      cursor: this.#startCursor,
      before: true,
      limit: PAGE,
    })
    this.#lines.update((lines) => [...entries.map(toLine), ...lines])
    this.#startCursor = startCursor
    this.isAtStart.set(entries.length < PAGE || startCursor === null)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#frames?.unsubscribe()
  }

  async #follow(): Promise<void> {
    try {
      const { guid, startCursor } = await this.#rpc.call('package.logs.follow', {
        id: this.#id,
        limit: FIRST,
      })
      if (this.#closed) return
      const again = this.isOpen()
      if (!again) this.#startCursor = startCursor
      this.isOpen.set(true)
      this.isLive.set(true)
      this.failure.set(null)
      const newest = this.#newest()
      this.#frames = stream<LogEntry>(guid)
        .pipe(
          bufferTime(BATCH),
          filter((entries) => entries.length > 0),
        )
        .subscribe({
          // After a loss the same tail comes once more: only what is newer counts.
          next: (entries) => this.#take(again ? entries.filter((one) => isNewer(one, newest)) : entries),
          error: () => this.#lost(),
          complete: () => this.#lost(),
        })
    } catch (error) {
      this.failure.set(error)
      this.#lost()
    }
  }

  #take(entries: LogEntry[]): void {
    const lines = entries.map(toLine)
    if (this.isPaused()) this.#held.update((held) => append(held, lines))
    else this.#lines.update((shown) => append(shown, lines))
  }

  #lost(): void {
    this.isLive.set(false)
    if (this.#closed) return
    this.#timer = setTimeout(() => void this.#follow(), RETRY)
  }

  #newest(): LogLine | undefined {
    return this.#held().at(-1) ?? this.#lines().at(-1)
  }
}

function isNewer(entry: LogEntry, than: LogLine | undefined): boolean {
  return than === undefined || entry.timestamp > than.timestamp
}
