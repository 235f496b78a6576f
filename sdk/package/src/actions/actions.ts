import type { Effects } from '../effects.ts'
import type { InitScript } from '../lifecycle/scripts.ts'
import { reportUnlessAborted } from '../watchable.ts'
import type { Action } from './action.ts'

type AnyAction = Action<string, never> | Action
export type ActionMap = Record<string, unknown>

/** All actions of a package, in the order in which they are shown. An init script: exports them to the host. */
export class Actions<Map extends ActionMap = ActionMap> implements InitScript {
  readonly list: readonly Action[]

  constructor(list: readonly Action[]) {
    this.list = list
  }

  static of(): Actions<Record<never, never>> {
    return new Actions([])
  }

  addAction<A extends AnyAction>(action: A): Actions<Map & Record<A['id'], A>> {
    return new Actions([...this.list, action as unknown as Action])
  }

  get<Id extends keyof Map & string>(id: Id): Map[Id] {
    return this.list.find((action) => action.id === id) as Map[Id]
  }

  async init(effects: Effects): Promise<void> {
    for (const action of this.list) await exportAgain(effects, action)
    await effects.action.clear({ except: this.list.map(({ id }) => id) })
  }
}

/** Exports one action, and again whenever a value changes that its metadata was made from. */
async function exportAgain(effects: Effects, action: Action): Promise<void> {
  const own = effects.child(action.id)
  own.constRetry = () => {
    if (effects.isInContext) exportAgain(effects, action).catch(reportUnlessAborted)
  }
  await action.exportMetadata({ effects: own })
}
