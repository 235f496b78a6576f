import type { Effects } from '../effects.ts'
import { undefinedToNull } from '../values/deep.ts'
import type { DeepPartial } from '../values/deep.ts'
import type { ActionInfo } from './action.ts'

export type TaskSeverity = 'optional' | 'important' | 'critical'

type TaskInput<Type> =
  | { kind: 'partial'; accept: DeepPartial<Type>[]; set: DeepPartial<Type> }
  /** The form of SDK 1.x: accepted and set are the same. */
  | { kind: 'partial'; value: DeepPartial<Type> }

export type TaskOptions<Type> = { replayId?: string | undefined; reason: string } & (
  | { when?: undefined; input?: TaskInput<Type> | undefined }
  | { when: { condition: 'input-not-matches'; once: boolean }; input: TaskInput<Type> }
)

/** Asks the user to run an action of a package; a critical task keeps this service from starting. */
export async function createTask<Type>(options: {
  effects: Effects
  packageId: string
  action: ActionInfo<string, Type>
  severity: TaskSeverity
  options?: Partial<TaskOptions<Type>> | undefined
}): Promise<null> {
  const { effects, packageId, action, severity } = options
  const { input, replayId, ...rest } = options.options ?? {}
  const task = {
    ...rest,
    ...(input && { input: accepted(input) }),
    actionId: action.id,
    packageId,
    severity,
    replayId: replayId ?? `${packageId}:${action.id}`,
  }
  return effects.action.createTask(undefinedKeysDropped(task) as typeof task & { when: null })
}

function accepted<Type>(input: TaskInput<Type>) {
  const [accept, set] = 'value' in input ? [[input.value], input.value] : [input.accept, input.set]
  return {
    kind: 'partial' as const,
    accept: undefinedToNull(accept) as object[],
    set: undefinedToNull(set) as object,
  }
}

function undefinedKeysDropped(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))
}
