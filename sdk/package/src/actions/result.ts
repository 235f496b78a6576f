import type { ActionInput, ActionResultValue } from '@startd/base/service-schemas.ts'

export type { ActionInput, ActionResultValue }

interface Single {
  type: 'single'
  value: string
  copyable: boolean
  qr: boolean
  masked: boolean
}

export type ActionResultMember = { name: string; description: string | null } & (
  Single | { type: 'group'; value: ActionResultMember[] }
)

/** What an action shows when it is done. */
export interface ActionResultV1 {
  version: '1'
  title: string
  message: string | null
  result: null | Single | { type: 'group'; value: ActionResultMember[] }
}

export interface ActionResultV0 {
  version: '0'
  message: string
  value: string | null
  copyable: boolean
  qr: boolean
}

export type ActionResult = ActionResultV1 | ActionResultV0
