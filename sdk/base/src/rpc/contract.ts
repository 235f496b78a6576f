import { authMethods } from './auth.ts'
import { backupMethods } from './backup.ts'
import { dbApplyMethods } from './db-apply.ts'
import { dbMethods } from './db.ts'
import { diagnosticMethods } from './diagnostic.ts'
import { diskMethods } from './disk.ts'
import { gatewayMethods } from './gateway.ts'
import { initMethods } from './init.ts'
import { kioskMethods } from './kiosk.ts'
import type { BootContext, Methods, MethodsOf, ParamsOf, ParsedParamsOf, ResultOf } from './method.ts'
import { netMethods } from './net.ts'
import { notificationMethods } from './notification.ts'
import { packageAttachMethods } from './package-attach.ts'
import { packageHostMethods } from './package-host.ts'
import { packageMethods } from './package.ts'
import { registryMethods } from './registry.ts'
import { serverHostMethods } from './server-host.ts'
import { serverLogMethods } from './server-logs.ts'
import { serverMetricsMethods } from './server-metrics.ts'
import { serverPowerMethods } from './server-power.ts'
import { serverSettingMethods } from './server-settings.ts'
import { serverMethods } from './server.ts'
import { setupMethods } from './setup.ts'
import { sshMethods } from './ssh.ts'
import { topMethods } from './top.ts'
import { vhostMethods } from './vhost.ts'
import { wifiMethods } from './wifi.ts'

/** Every method of the control plane: the dispatcher, the typed clients, `start-cli` and the reference come from here. */
export const CONTRACT = {
  ...topMethods,
  ...authMethods,
  ...dbMethods,
  ...dbApplyMethods,
  ...notificationMethods,
  ...packageMethods,
  ...packageAttachMethods,
  ...packageHostMethods,
  ...serverMethods,
  ...serverMetricsMethods,
  ...serverLogMethods,
  ...serverSettingMethods,
  ...serverPowerMethods,
  ...serverHostMethods,
  ...netMethods,
  ...gatewayMethods,
  ...vhostMethods,
  ...backupMethods,
  ...diskMethods,
  ...sshMethods,
  ...wifiMethods,
  ...kioskMethods,
  ...setupMethods,
  ...initMethods,
  ...diagnosticMethods,
  ...registryMethods,
} as const satisfies Methods

export type Contract = typeof CONTRACT
export type MethodName = keyof Contract
/** The methods that a boot context serves. */
export type MethodOf<X extends BootContext> = MethodsOf<Contract, X>
/** What a caller sends. */
export type Params<M extends MethodName> = ParamsOf<Contract, M>
/** What a handler receives. */
export type ParsedParams<M extends MethodName> = ParsedParamsOf<Contract, M>
export type Result<M extends MethodName> = ResultOf<Contract, M>
