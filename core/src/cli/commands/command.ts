import type { Command } from 'commander'
import type { Client } from '../client.ts'
import type { Format } from '../output.ts'

/** What a command works with once the flags are known. */
export interface Session {
  readonly client: Client
  /** Null: what suits the command. */
  readonly format: Format | null
  print(text: string): void
}

/** A command that does more than one call: adds its flags, and says what it does. */
export interface CustomCommand {
  /** Takes the arguments of the contract unless it brings its own. */
  readonly ownParameters?: boolean
  prepare?(command: Command): void
  run(session: Session, params: Record<string, unknown>, command: Command): Promise<void>
}
