import type { Effects } from '../effects.ts'
import { FullProgressTracker } from '../progress.ts'
import { once } from '../values/once.ts'
import { reportUnlessAborted } from '../watchable.ts'
import type { DataVersion } from '../versions/data-version.ts'
import type { InitFn, InitKind, InitScript, UninitFn, UninitScript } from './scripts.ts'

type AnyInit<Kind extends InitKind = InitKind> = InitScript<Kind> | InitFn<Kind>
type AnyUninit = UninitScript | UninitFn

/** The `init` of a package: its scripts one after another. A script runs again when what it read changes. */
export function setupInit(...scripts: AnyInit[]) {
  const inits = scripts.map((script) => setupOnInit(script))
  return async ({ effects, kind }: { effects: Effects; kind: InitKind }): Promise<void> => {
    const progress = new FullProgressTracker((progress) => effects.setInitProgress({ progress }))
    for (const [i, { init }] of inits.entries())
      await runScript({ init, effects, kind, name: `init_${i}` }, progress)
    progress.complete()
    await progress.sync()
  }
}

/** The `uninit` of a package: its scripts one after another. */
export function setupUninit(...scripts: AnyUninit[]) {
  return async ({ effects, target }: { effects: Effects; target: DataVersion | null }): Promise<void> => {
    for (const script of scripts) await setupOnUninit(script).uninit(effects, target)
  }
}

/** A function or a script, as a script. */
export function setupOnInit<Kind extends InitKind = InitKind>(script: AnyInit<Kind>): InitScript<Kind> {
  if (typeof script === 'function') return { init: script }
  return { init: (effects, kind, progress) => script.init(effects, kind, progress) }
}

export function setupOnUninit(script: AnyUninit): UninitScript {
  if (typeof script === 'function') return { uninit: script }
  return { uninit: (effects, target) => script.uninit(effects, target) }
}

interface Run {
  init: InitFn
  effects: Effects
  kind: InitKind
  name: string
}

async function runScript(run: Run, progress: FullProgressTracker): Promise<void> {
  const context = run.effects.child(run.name)
  let succeed = () => {}
  const succeeded = new Promise<void>((resolve) => (succeed = resolve))
  context.constRetry = once(() => {
    succeeded
      .then(() => (run.effects.isInContext ? runScript(run, new FullProgressTracker()) : undefined))
      .catch(reportUnlessAborted)
  })
  await run.init(context, run.kind, progress)
  succeed()
}
