import { homedir } from 'node:os'
import { join } from 'node:path'

/** The variables that `start-cli` reads, and what they are for; shown in the help and the manual. */
export const VARIABLES = {
  STARTD_HOST: 'Address of the server, as --host',
  STARTD_SERVER: 'Name of a saved server, as --server',
  STARTD_CONFIG: 'Configuration file, as --config',
  STARTD_DATA: 'Data directory of the server on this machine, as --data',
  STARTD_COOKIE_PATH: 'File with logins, as --cookie-path',
  STARTD_ROOT_CA: 'Certificate file of an authority to trust, as --root-ca',
  STARTD_FORMAT: 'How results are printed, as --format',
  STARTD_TIMEOUT: 'When to give up, as --timeout',
  PASSWORD: 'Password, for commands that would ask for one',
  NO_COLOR: 'Print without colours, if it is set to anything',
  FORCE_COLOR: 'Print with colours, also into a pipe, if it is set to 1',
} as const
export type Variable = keyof typeof VARIABLES

/** The value of a variable; an empty one counts as not set. */
export function variable(name: Variable): string | undefined {
  return process.env[name] || undefined
}

/** Where this user's settings for `start-cli` are kept. */
export function configPath(): string {
  return join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'startd', 'config.yaml')
}

/** Where startd keeps its data unless told otherwise. */
export function defaultData(): string {
  return join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'startd')
}
