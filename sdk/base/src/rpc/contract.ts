import { authMethods } from './auth.ts'
import { dbMethods } from './db.ts'
import type { Methods, ParamsOf, ParsedParamsOf, ResultOf } from './method.ts'
import { notificationMethods } from './notification.ts'
import { packageMethods } from './package.ts'
import { registryMethods } from './registry.ts'
import { serverMethods } from './server.ts'
import { diagnosticMethods, initMethods, setupMethods } from './setup.ts'
import { topMethods } from './top.ts'

/** Every method of the control plane: the dispatcher, the typed clients, `start-cli` and the reference come from here. */
export const CONTRACT = {
  ...topMethods,
  ...authMethods,
  ...dbMethods,
  ...notificationMethods,
  ...packageMethods,
  ...serverMethods,
  ...setupMethods,
  ...initMethods,
  ...diagnosticMethods,
  ...registryMethods,
} as const satisfies Methods

export type Contract = typeof CONTRACT
export type MethodName = keyof Contract
/** What a caller sends. */
export type Params<M extends MethodName> = ParamsOf<Contract, M>
/** What a handler receives. */
export type ParsedParams<M extends MethodName> = ParsedParamsOf<Contract, M>
export type Result<M extends MethodName> = ResultOf<Contract, M>
