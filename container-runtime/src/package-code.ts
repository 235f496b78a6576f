import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { InitKind } from '@startd/base/runtime-rpc.ts'
import type { Effects } from './effects.ts'
import type { Target } from './target.ts'

export interface Daemons {
  term(): Promise<unknown>
}

/** Passed to `main` for SDKs before 0.4.0-beta.45, whose chains announce themselves with it (sdk.md §23.1). */
export type Started = (onTerm?: () => unknown) => Promise<null>

interface PackageAction {
  getInput(options: { effects: Effects; prefill: unknown }): Promise<unknown>
  run(options: { effects: Effects; input: unknown }): Promise<unknown>
}

/** The exports of a package's `index.js` that the host side uses (sdk.md §1). */
export interface PackageCode {
  init(options: { effects: Effects; kind: InitKind }): Promise<unknown>
  uninit(options: { effects: Effects; target: Target | null }): Promise<unknown>
  main(options: { effects: Effects; started: Started }): Promise<unknown>
  createBackup(options: { effects: Effects }): Promise<unknown>
  actions: { get(id: string): PackageAction | undefined }
}

const FUNCTIONS = ['init', 'uninit', 'main', 'createBackup'] as const

/** Loads the package's program. Throws with the name of what is missing. */
export function loadPackage(directory: string): PackageCode {
  const file = join(directory, 'index.js')
  if (!existsSync(file)) throw new Error(`${file} not found`)
  const loaded: unknown = createRequire(file)(file)
  const code = own(loaded, 'init') ? loaded : own(loaded, 'default')
  for (const name of FUNCTIONS) {
    if (typeof own(code, name) !== 'function') throw new Error(`${file} does not export the function ${name}`)
  }
  if (typeof own(own(code, 'actions'), 'get') !== 'function')
    throw new Error(`${file} does not export actions`)
  return code as PackageCode
}

/** The action of that id. */
export function actionOf(code: PackageCode, id: string): PackageAction {
  const action = code.actions.get(id)
  if (!action) throw new Error(`Action ${id} not found`)
  return action
}

/** Starts what `main` described; packages of every generation give something with `build()` or `term()`. */
export async function buildDaemons(described: unknown): Promise<Daemons> {
  const build = own(described, 'build')
  const built: unknown = typeof build === 'function' ? await build.call(described) : described
  if (typeof own(built, 'term') !== 'function')
    throw new Error('main() did not return daemons that can be stopped')
  return built as Daemons
}

function own(value: unknown, name: string): unknown {
  return value !== null && (typeof value === 'object' || typeof value === 'function') && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined
}
