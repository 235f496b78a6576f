import { newGuid } from '@startd/base/base32.ts'
import { CodedError } from '@startd/base/errors.ts'
import type { KeyboardOptions } from '@startd/base/model.ts'
import type { FullProgress } from '@startd/base/progress.ts'
import type { SetupResult, SetupStatus } from '@startd/base/rpc/setup.ts'
import { toCodedError } from '../rpc/errors.ts'
import { firstDocument, namesFrom, type OpenedDatabase, type ServerDb } from '../db/index.ts'

/** What the owner chooses. */
export interface FirstBootChoices {
  password: string
  name: string | null
  hostname: string | null
}

const LONGEST_PASSWORD = 64

type Stage =
  | { at: 'waiting' }
  | { at: 'working'; done: Promise<void> }
  | { at: 'failed'; error: CodedError }
  | { at: 'complete'; result: SetupResult; db: ServerDb }

/**
 * The first boot: from an empty data directory to a server with a name and a password. A failed
 * attempt can be repeated; a finished one cannot.
 */
export class FirstBoot {
  readonly #opened: OpenedDatabase
  readonly #hash: (password: string) => Promise<string>
  readonly #left = Promise.withResolvers<ServerDb>()
  #stage: Stage = { at: 'waiting' }
  #language: string | null = null
  #keyboard: KeyboardOptions | null = null

  constructor(opened: OpenedDatabase, hash: (password: string) => Promise<string>) {
    this.#opened = opened
    this.#hash = hash
  }

  /** Fulfils with the database when the owner leaves the set-up. */
  get left(): Promise<ServerDb> {
    return this.#left.promise
  }

  /** Fulfils when the work under way has ended, well or not. */
  get settled(): Promise<void> {
    return this.#stage.at === 'working' ? this.#stage.done : Promise.resolve()
  }

  get progress(): FullProgress {
    const state = this.#stage.at === 'complete' ? true : this.#stage.at === 'working' ? false : null
    return { overall: state, phases: [{ name: 'Preparing Server', progress: state }] }
  }

  /** The error of the last attempt, which the owner may repeat. */
  get error(): CodedError | null {
    return this.#stage.at === 'failed' ? this.#stage.error : null
  }

  setLanguage(language: string): void {
    this.#language = language
  }

  setKeyboard(keyboard: KeyboardOptions): void {
    this.#keyboard = keyboard
  }

  status(): SetupStatus {
    const stage = this.#stage
    switch (stage.at) {
      case 'waiting':
        return { status: 'incomplete', guid: null, attach: false, mokEnrolled: false, osDrive: null }
      case 'working':
        return { status: 'running', progress: this.progress, guid: newGuid() }
      case 'failed':
        throw stage.error
      case 'complete':
        return { status: 'complete', ...stage.result }
      default:
        return stage satisfies never
    }
  }

  /** Checks the choices and starts the work; `settled` says when it ends. */
  execute(choices: FirstBootChoices): void {
    if (this.#stage.at === 'working')
      throw new CodedError('InvalidRequest', 'The set-up is already under way')
    if (this.#stage.at === 'complete')
      throw new CodedError('InvalidRequest', 'The set-up is already complete')
    checkPassword(choices.password)
    const names = namesFrom(choices.name, choices.hostname)
    this.#stage = { at: 'working', done: this.#work(choices, names) }
  }

  complete(): SetupResult {
    return this.#completed().result
  }

  /** Leaves the set-up; the server then runs. */
  exit(): void {
    this.#left.resolve(this.#completed().db)
  }

  async #work(choices: FirstBootChoices, names: { name: string; hostname: string }): Promise<void> {
    try {
      const passwordHash = await this.#hash(choices.password)
      const [language, keyboard] = [this.#language, this.#keyboard]
      // Without a screen that is ours there are no pages to show on it, whatever was asked for (system.md §15).
      const document = firstDocument({ ...names, passwordHash, kiosk: null, language, keyboard })
      const db = await this.#opened.seed(document)
      const result: SetupResult = { hostname: names.hostname, rootCa: '', needsRestart: false }
      this.#stage = { at: 'complete', result, db }
    } catch (error) {
      this.#stage = { at: 'failed', error: toCodedError(error) }
    }
  }

  #completed(): { result: SetupResult; db: ServerDb } {
    if (this.#stage.at === 'complete') return this.#stage
    throw this.error ?? new CodedError('InvalidRequest', 'The set-up is not complete yet')
  }
}

/** Throws for a password that the interface would not take either. */
export function checkPassword(password: string): void {
  if (password === '')
    throw new CodedError('InvalidRequest', 'Choose a password: an empty one protects nothing')
  if (password.length > LONGEST_PASSWORD) {
    throw new CodedError('InvalidRequest', `A password has at most ${LONGEST_PASSWORD} characters`)
  }
}
