import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A program that tells on its standard output how far it has come. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #lines: string[] = []
  readonly #ended: Promise<unknown>
  #heard: () => void = () => undefined

  constructor(command: string, args: readonly string[], cwd: string) {
    this.#process = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#ended = once(this.#process, 'exit')
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.#lines.push(line)
      this.#heard()
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** The first match among the lines said from now on or before; throws when the program ends without it. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      for (const line of this.#lines) {
        const match = pattern.exec(line)
        if (match) return match
      }
      const next = new Promise<void>((resolve) => (this.#heard = resolve))
      const ended = this.#ended.then(() => true)
      if (await Promise.race([next, ended])) {
        throw new Error(`the program ended without saying ${pattern}:\n${this.#lines.join('\n')}`)
      }
    }
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGTERM')
    await this.#ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
