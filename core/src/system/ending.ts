import type { Logger } from './logs/index.ts'

/** What the program does once its services are down. */
export type EndKind = 'restart' | 'shutdown' | 'rebuild'

/** The one end of a run: whoever asks first decides what it is, and everybody can wait until the services are down. */
export class Ending {
  readonly #asked = Promise.withResolvers<EndKind>()
  readonly #log: Logger
  #takeDown: () => Promise<void>
  #down: Promise<void> | null = null

  /** `takeDown` stops what runs; it is told to do so once. */
  constructor(log: Logger, takeDown: () => Promise<void>) {
    this.#log = log
    this.#takeDown = takeDown
  }

  /** What has to be stopped from now on, such as services that were opened. */
  set takeDown(work: () => Promise<void>) {
    this.#takeDown = work
  }

  /** Fulfils when somebody has asked, and all is down; never before. */
  get reached(): Promise<EndKind> {
    return this.#asked.promise
  }

  /** Fulfils when all is down. What cannot be stopped is told in the log and keeps nobody. */
  ask(kind: EndKind): Promise<void> {
    this.#down ??= this.#begin(kind)
    return this.#down
  }

  async #begin(kind: EndKind): Promise<void> {
    this.#log.info('stopping all services', { then: kind })
    try {
      await this.#takeDown()
    } catch (error) {
      this.#log.error('not everything could be stopped', { error: String(error) })
    }
    this.#asked.resolve(kind)
  }
}
