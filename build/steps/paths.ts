import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** Where startd keeps everything of one server unless told otherwise. */
export const DEFAULT_DATA = join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share'), 'startd')

/** What can be built again: root file systems, compiled helpers, bundles. */
export const CACHE =
  process.env['STARTD_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'startd')

/** The pinned Node that runs this program. */
export const NODE = process.execPath
