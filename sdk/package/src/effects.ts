import type { z } from 'zod'
import type { EFFECTS, EffectName, EffectResult } from '@startd/base/effects.ts'

type Plain<T> = T extends unknown ? Omit<T, 'callback'> : never
type Wire<N extends EffectName> = z.input<(typeof EFFECTS)[N]['params']>

/** Parameters of an effect as package code gives them. */
export type EffectInput<N extends EffectName> = Plain<Wire<N>>

type Call<N extends EffectName> = (params: EffectInput<N>) => Promise<EffectResult<N>>
type Bare<N extends EffectName> = () => Promise<EffectResult<N>>
/** `callback` is called at most once, when the answer may have changed. */
type Watch<N extends EffectName> = (
  params: EffectInput<N> & { callback?: (() => void) | undefined },
) => Promise<EffectResult<N>>

/**
 * What the host gives a package: a plain object whose members are own properties, so that it can be
 * copied by spreading (sdk.md §2.1). Contexts form a tree; leaving one ends what was started in it.
 */
export interface Effects {
  /** The procedure in progress; null in `main`. */
  readonly eventId: string | null
  /** A sub-context; an existing one of that name is left first. */
  child: (name: string) => Effects
  /** Called when a value that was read with `const()` changed. */
  constRetry?: (() => void) | undefined
  isInContext: boolean
  onLeaveContext: (fn: () => void | null | undefined) => void
  clearCallbacks: (ids: { only: number[] } | { except: number[] }) => Promise<null>

  action: {
    export: Call<'action.export'>
    clear: Call<'action.clear'>
    getInput: Call<'action.get-input'>
    run: Call<'action.run'>
    createTask: Call<'action.create-task'>
    clearTasks: (ids: { only: string[] } | { except: string[] }) => Promise<null>
  }
  notification: { create: Call<'notification.create'> }

  restart: Bare<'restart'>
  shutdown: Bare<'shutdown'>
  getStatus: Watch<'get-status'>
  setMainStatus: Call<'set-main-status'>
  setHealth: Call<'set-health'>
  setBackupProgress: Call<'set-backup-progress'>
  setInitProgress: Call<'set-init-progress'>

  setDependencies: Call<'set-dependencies'>
  getDependencies: Bare<'get-dependencies'>
  checkDependencies: Call<'check-dependencies'>
  getInstalledPackages: Bare<'get-installed-packages'>
  getServiceManifest: Watch<'get-service-manifest'>
  mount: Call<'mount'>

  subcontainer: {
    createFs: Call<'subcontainer.create-fs'>
    destroyFs: Call<'subcontainer.destroy-fs'>
  }

  bind: Call<'bind'>
  bindRange: Call<'bind-range'>
  clearBindings: Call<'clear-bindings'>
  getServicePortForward: Call<'get-service-port-forward'>
  getHostInfo: Watch<'get-host-info'>
  getContainerIp: Watch<'get-container-ip'>
  getOsIp: Bare<'get-os-ip'>
  getOutboundGateway: Watch<'get-outbound-gateway'>
  exportServiceInterface: Call<'export-service-interface'>
  exportRangeServiceInterface: Call<'export-range-service-interface'>
  getServiceInterface: Watch<'get-service-interface'>
  listServiceInterfaces: Watch<'list-service-interfaces'>
  clearServiceInterfaces: Call<'clear-service-interfaces'>
  plugin: {
    url: {
      register: Call<'plugin.url.register'>
      exportUrl: Call<'plugin.url.export-url'>
      clearUrls: Call<'plugin.url.clear-urls'>
    }
  }

  getSslCertificate: Watch<'get-ssl-certificate'>
  getSslKey: Call<'get-ssl-key'>
  setDataVersion: Call<'set-data-version'>
  getDataVersion: Bare<'get-data-version'>
  getSystemSmtp: Watch<'get-system-smtp'>
}
