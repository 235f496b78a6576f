import type { HealthCheckResult } from '../health/result.ts'
import type { Trigger } from '../health/trigger.ts'
import type { CommandOptions, CommandType } from '../subcontainer/command.ts'
import type { SubContainer } from '../subcontainer/subcontainer.ts'
import type { Daemon } from './daemon.ts'

export interface Ready {
  /** Name under which the user sees the check; null = not shown. */
  display: string | null
  fn: () => Promise<HealthCheckResult> | HealthCheckResult
  /** For so many milliseconds after the start a failure still counts as starting. Default 10 000. */
  gracePeriod?: number | undefined
  trigger?: Trigger | undefined
}

export interface ExecCommand extends CommandOptions {
  command: CommandType
  /** Milliseconds between being asked to end and being killed. Default 60 000. */
  sigtermTimeout?: number | undefined
  /** Runs as the first process of its subcontainer. */
  runAsInit?: boolean | undefined
  onStdout?: ((chunk: Buffer | string) => void) | undefined
  onStderr?: ((chunk: Buffer | string) => void) | undefined
}

export interface ExecFunction<S extends SubContainer | null = SubContainer | null> {
  /** Does the work itself, or answers the command that does. */
  fn: (subcontainer: S, signal: AbortSignal) => Promise<ExecCommand | null>
  sigtermTimeout?: number | undefined
}

export type Exec<S extends SubContainer | null = SubContainer | null> = ExecCommand | ExecFunction<S>

export type DaemonOptions<Ids extends string, S extends SubContainer | null = SubContainer | null> = (
  { subcontainer: S; exec: Exec<S> } | { daemon: Daemon }
) & { ready: Ready; requires: readonly Ids[] }

export interface OneshotOptions<Ids extends string, S extends SubContainer | null = SubContainer | null> {
  subcontainer: S
  exec: Exec<S>
  requires: readonly Ids[]
}

export interface HealthCheckOptions<Ids extends string> {
  ready: Ready
  requires: readonly Ids[]
}
