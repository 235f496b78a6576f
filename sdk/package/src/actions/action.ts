import type { InputSpec as WireSpec } from '@startd/base/input-spec.ts'
import { z } from 'zod'
import type { Effects } from '../effects.ts'
import type { LazyBuildOptions } from '../input/field.ts'
import type { InputSpec } from '../input/input-spec.ts'
import type { DeepPartial } from '../values/deep.ts'
import { type ActionMetadata, type ActionMetadataInput, type MaybeFn, resolve } from './metadata.ts'
import type { ActionInput, ActionResult } from './result.ts'

export type Run<Type> = (options: {
  effects: Effects
  input: Type
  spec: WireSpec
}) => Promise<ActionResult | null | void | undefined>

export type GetInput<Type> = (options: {
  effects: Effects
  prefill: DeepPartial<Type> | null
}) => Promise<DeepPartial<Type> | null | void | undefined>

/** Enough of an action to make a task of it, also for another package. */
export interface ActionInfo<Id extends string = string, Type = unknown> {
  readonly id: Id
  readonly _INPUT: Type
}

/** Something that the user, a task or another service can have a package do. */
export interface Action<Id extends string = string, Type = unknown> extends ActionInfo<Id, Type> {
  exportMetadata(options: { effects: Effects }): Promise<ActionMetadata>
  getInput(options: { effects: Effects; prefill?: DeepPartial<Type> | null }): Promise<ActionInput>
  run(options: { effects: Effects; input: unknown }): Promise<ActionResult | null>
}

type SpecSource<Type extends object> =
  InputSpec<Type, object> | ((options: LazyBuildOptions<Type>) => Promise<InputSpec<Type, object>>)

interface Definition<Id extends string> {
  id: Id
  metadata: MaybeFn<ActionMetadataInput>
  hasInput: boolean
}

interface OpenForm {
  spec: WireSpec
  validator: z.ZodType
}

/** Forms that are remembered; older ones have to be opened again. */
const OPEN_FORMS = 200

function withInput<Id extends string, Type extends object>(
  id: Id,
  metadata: MaybeFn<ActionMetadataInput>,
  inputSpec: SpecSource<Type>,
  prefill: GetInput<Type>,
  run: Run<Type>,
): Action<Id, Type> {
  const forms = new Map<string | null, OpenForm>()
  return {
    ...definition<Id, Type>({ id, metadata, hasInput: true }),
    async getInput({ effects, prefill: given = null }) {
      const options = { effects, prefill: given }
      const input = typeof inputSpec === 'function' ? await inputSpec(options) : inputSpec
      const { spec, validator } = await input.build(options)
      forms.delete(effects.eventId)
      forms.set(effects.eventId, { spec, validator })
      if (forms.size > OPEN_FORMS) forms.delete(forms.keys().next().value ?? null)
      const value = (await prefill(options)) as Record<string, unknown> | null | undefined
      return {
        eventId: effects.eventId as string,
        spec: spec as Record<string, unknown>,
        value: value || null,
      }
    },
    async run({ effects, input }) {
      const form = forms.get(effects.eventId)
      if (!form) throw new Error(`getActionInput has not been called for EventID ${effects.eventId}`)
      const parsed = form.validator.safeParse(input)
      if (!parsed.success)
        throw new Error(`This form cannot be used as it is:\n${z.prettifyError(parsed.error)}`)
      return (await run({ effects, input: parsed.data as Type, spec: form.spec })) || null
    },
  }
}

function withoutInput<Id extends string>(
  id: Id,
  metadata: MaybeFn<ActionMetadataInput>,
  run: Run<Record<string, never>>,
): Action<Id, Record<string, never>> {
  return {
    ...definition<Id, Record<string, never>>({ id, metadata, hasInput: false }),
    async getInput({ effects }) {
      return { eventId: effects.eventId as string, spec: {}, value: null }
    },
    async run({ effects }) {
      return (await run({ effects, input: {}, spec: {} })) || null
    },
  }
}

export const Action = { withInput, withoutInput }

function definition<Id extends string, Type>({ id, metadata, hasInput }: Definition<Id>) {
  return {
    id,
    // Carries the type of the input only.
    _INPUT: null as unknown as Type,
    async exportMetadata({ effects }: { effects: Effects }): Promise<ActionMetadata> {
      const own = effects.child(`setupActions/${id}`)
      own.constRetry = effects.constRetry
      const exported = { ...(await resolve(metadata, own)), hasInput }
      await own.action.export({ id, metadata: exported })
      return exported
    },
  }
}
