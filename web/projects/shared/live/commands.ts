import { inject, Injectable, signal } from '@angular/core'
import { Rpc } from '../api/rpc.ts'
import type { PendingCommand } from '../status/status.ts'

/** Start, stop and restart: shown at once, confirmed by the server's own word. */
@Injectable({ providedIn: 'root' })
export class Commands {
  readonly #rpc = inject(Rpc)
  readonly #pending = signal<ReadonlyMap<string, PendingCommand>>(new Map())
  readonly #failures = signal<ReadonlyMap<string, CommandFailure>>(new Map())
  readonly pending = this.#pending.asReadonly()
  readonly failures = this.#failures.asReadonly()

  async run(id: string, command: PendingCommand): Promise<void> {
    this.dismiss(id)
    this.#pending.update((pending) => new Map(pending).set(id, command))
    try {
      if (command === 'start') await this.#rpc.call('package.start', { id, force: false })
      else await this.#rpc.call(`package.${command}`, { id })
    } catch (error) {
      this.#failures.update((failures) => new Map(failures).set(id, { command, error }))
    } finally {
      this.#pending.update((pending) => without(pending, id))
    }
  }

  dismiss(id: string): void {
    this.#failures.update((failures) => without(failures, id))
  }
}

export interface CommandFailure {
  command: PendingCommand
  error: unknown
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const rest = new Map(map)
  rest.delete(key)
  return rest
}
