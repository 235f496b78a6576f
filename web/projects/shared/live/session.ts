import { computed, inject, Injectable, signal } from '@angular/core'
import { connect, type Connection } from '@startd/patch-db/client'
import type { FullProgress } from '@startd/base/progress.ts'
import type { PublicModel } from '@startd/base/model.ts'
import { CODES, RpcFailure } from '../api/rpc-failure.ts'
import { Rpc } from '../api/rpc.ts'
import { stream, streamUrl } from '../api/stream.ts'
import { LiveDb } from './live-db.ts'

/** What the page can show: where the server is (rpc.md §2), and whether this browser is logged in. */
export type Phase = 'looking' | 'unreachable' | 'setup' | 'starting' | 'trouble' | 'login' | 'in'

export interface Trouble {
  message: string
  details: string
}

const LOOK_LIMIT = 10_000
const LONGEST_PAUSE = 5_000

/**
 * Finds out where the server is, keeps the model's stream alive while logged in, and comes back by itself
 * after any loss. Nothing is kept in the browser's storage: the cookie alone says who is logged in.
 */
@Injectable({ providedIn: 'root' })
export class Session {
  readonly #rpc = inject(Rpc)
  readonly #db = inject(LiveDb)
  readonly #phase = signal<Phase>('looking')
  readonly #connected = signal(false)
  /** A browser on the server itself reaches it without any network. */
  readonly #isLocal = /^(localhost|127\..*|\[::1\])$/.test(location.hostname)
  readonly #online = signal(navigator.onLine || this.#isLocal)
  #connection: Connection | null = null
  #looking: Promise<void> | null = null

  readonly phase = this.#phase.asReadonly()
  readonly startProgress = signal<FullProgress | null>(null)
  readonly trouble = signal<Trouble | null>(null)
  /** Since when (ms) the model stands still; null while it is live. */
  readonly lostSince = signal<number | null>(null)
  readonly connection = computed(() => {
    if (!this.#online()) return 'offline' as const
    return this.#connected() ? ('live' as const) : ('lost' as const)
  })

  constructor() {
    this.#rpc.loggedOut$.subscribe(() => this.#leave())
    if (this.#isLocal) return
    addEventListener('offline', () => {
      this.#online.set(false)
      this.#note(false)
    })
    addEventListener('online', () => {
      this.#online.set(true)
      if (this.#phase() === 'in') this.#open()
    })
  }

  /** Looks where the server is, until it answers; one look at a time. */
  look(): Promise<void> {
    return (this.#looking ??= this.#look().finally(() => (this.#looking = null)))
  }

  /** Throws RpcFailure: code 7 for a wrong password, 37 after too many attempts. */
  async login(password: string): Promise<void> {
    const attempt = () => this.#rpc.call('auth.login', { password, ephemeral: false })
    await attempt().catch(async (cause: unknown) => {
      // A server that is just starting anew does not know the method yet.
      if (!(cause instanceof RpcFailure) || cause.code !== CODES.methodNotFound) throw cause
      await this.untilRunning()
      await attempt()
    })
    await this.look()
  }

  /** After the set-up: fulfils when the server has left it and runs, whatever it shows until then. */
  async untilRunning(): Promise<void> {
    for (;;) {
      const state = await this.#whereabouts().catch(() => 'setup' as const)
      if (state === 'running') return
      if (state === 'error') return this.#enterTrouble()
      if (state === 'initializing') await this.#watchStart().catch(() => undefined)
      else await pause(200)
    }
  }

  async logout(): Promise<void> {
    await this.#rpc.call('auth.logout', {}, { quiet: true }).catch(() => undefined)
    this.#leave()
  }

  async #look(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#enter(await this.#whereabouts())
      } catch {
        if (this.#phase() !== 'in') this.#phase.set('unreachable')
        await pause(Math.min(LONGEST_PAUSE, 400 * 2 ** attempt))
      }
    }
  }

  async #whereabouts(): Promise<'running' | 'initializing' | 'error' | 'setup'> {
    try {
      return await this.#rpc.call('state', {}, { limit: LOOK_LIMIT })
    } catch (cause) {
      // Only the set-up context lacks the method (rpc.md §2).
      if (cause instanceof RpcFailure && cause.code === CODES.methodNotFound) return 'setup'
      throw cause
    }
  }

  async #enter(state: 'running' | 'initializing' | 'error' | 'setup'): Promise<void> {
    switch (state) {
      case 'setup':
        this.#phase.set('setup')
        return
      case 'error':
        return this.#enterTrouble()
      case 'initializing':
        this.#phase.set('starting')
        await this.#watchStart()
        return this.#enter(await this.#whereabouts())
      case 'running':
        return this.#enterRunning()
      default:
        return state satisfies never
    }
  }

  /** The first subscription tells whether the cookie still counts. */
  async #enterRunning(): Promise<void> {
    try {
      await this.#rpc.call('auth.session.list', {}, { quiet: true, limit: LOOK_LIMIT })
    } catch (cause) {
      if (!(cause instanceof RpcFailure) || cause.code !== CODES.notLoggedIn) throw cause
      this.#leave()
      return
    }
    this.#phase.set('in')
    this.#open()
  }

  async #enterTrouble(): Promise<void> {
    const { message, data } = await this.#rpc.call('diagnostic.error', {})
    const failure = RpcFailure.of(0, message, data)
    this.trouble.set({ message: failure.title, details: failure.details })
    this.#phase.set('trouble')
  }

  /** Fulfils when the start has ended, well or not. */
  async #watchStart(): Promise<void> {
    const { guid, progress } = await this.#rpc.call('init.subscribe', {})
    this.startProgress.set(progress)
    await new Promise<void>((resolve) => {
      stream<FullProgress>(guid).subscribe({
        next: (frame) => this.startProgress.set(frame),
        error: () => resolve(),
        complete: () => resolve(),
      })
    })
    await pause(250)
  }

  #open(): void {
    this.#connection?.close()
    this.#connection = connect<PublicModel>(
      this.#db.client,
      {
        subscribe: async (since) => {
          const wish = { encoding: 'json', since } as const
          const { dump, ...answer } = await this.#rpc.call('db.subscribe', wish, { limit: LOOK_LIMIT })
          return dump ? { ...answer, dump: { id: dump.id, value: dump.value as PublicModel } } : answer
        },
        open: (guid) => new WebSocket(streamUrl(guid)),
      },
      {
        minDelay: 400,
        maxDelay: LONGEST_PAUSE,
        onState: (state) => this.#note(state === 'connected'),
        retry: (cause) => this.#mayRetry(cause),
      },
    )
  }

  #note(connected: boolean): void {
    this.#db.isOpen = connected
    this.#connected.set(connected)
    if (connected) this.lostSince.set(null)
    else this.lostSince.update((since) => since ?? Date.now())
  }

  /** A server that starts anew, or is in trouble, does not know `db.subscribe`: then look where it is. */
  #mayRetry(cause: unknown): boolean {
    if (!(cause instanceof RpcFailure)) return true
    if (cause.code === CODES.notLoggedIn) return false
    if (cause.code !== CODES.methodNotFound) return true
    void this.look()
    return false
  }

  #leave(): void {
    this.#connection?.close()
    this.#connection = null
    this.#note(false)
    this.lostSince.set(null)
    this.#db.client.clear()
    this.#phase.set('login')
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
