import { Action, type ActionInfo } from '../actions/action.ts'
import { Actions } from '../actions/actions.ts'
import { type TaskOptions, type TaskSeverity, createTask } from '../actions/tasks.ts'
import type { Effects } from '../effects.ts'
import { InputSpec } from '../input/input-spec.ts'
import { List } from '../input/list.ts'
import { Value } from '../input/value.ts'
import { Variants } from '../input/variants.ts'
import type { SDKManifest } from '../manifest/types.ts'

type RunOptions<Input> = {
  effects: Effects
  actionId: string
  /** The input, or how to make it from what the form is filled with now. */
  input?: Input | ((previous?: Input) => Input) | undefined
}

/** Actions, their forms, and tasks. */
export function actionTools(manifest: SDKManifest) {
  return {
    Action,
    Actions,
    InputSpec,
    Value,
    List,
    Variants,
    action: {
      /** Runs an action of this package. */
      async run<Input extends object>({ effects, actionId, input }: RunOptions<Input>) {
        if (typeof input !== 'function') return effects.action.run({ actionId, input })
        const now = await effects.action.getInput({ actionId })
        const make = input as (previous?: Input) => Input
        return effects.action.run({ actionId, input: make((now?.value ?? undefined) as Input | undefined) })
      },
      /** Asks the user to run an action of another package. */
      createTask: <Type>(
        effects: Effects,
        packageId: string,
        action: ActionInfo<string, Type>,
        severity: TaskSeverity,
        options?: Partial<TaskOptions<Type>>,
      ) => createTask({ effects, packageId, action, severity, options }),
      /** Asks the user to run an action of this package. */
      createOwnTask: <Type>(
        effects: Effects,
        action: ActionInfo<string, Type>,
        severity: TaskSeverity,
        options?: Partial<TaskOptions<Type>>,
      ) => createTask({ effects, packageId: manifest.id, action, severity, options }),
      clearTask: (effects: Effects, ...replayIds: string[]) => effects.action.clearTasks({ only: replayIds }),
    },
  }
}
