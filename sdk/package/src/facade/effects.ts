import type { CheckDependencies } from '../dependencies/check.ts'
import { checkDependencies } from '../dependencies/check.ts'
import type { EffectInput, Effects } from '../effects.ts'
import type { DependencyIdOf, SDKManifest } from '../manifest/types.ts'
import { getDataVersion, setDataVersion } from '../versions/data-version.ts'

/** Effects as functions of the SDK, for those who like them there. */
export function effectWrappers<M extends SDKManifest>() {
  return {
    restart: (effects: Effects) => effects.restart(),
    shutdown: (effects: Effects) => effects.shutdown(),
    setDependencies: (effects: Effects, params: EffectInput<'set-dependencies'>) =>
      effects.setDependencies(params),
    getDependencies: (effects: Effects) => effects.getDependencies(),
    checkDependencies: (
      effects: Effects,
      packageIds?: DependencyIdOf<M>[],
    ): Promise<CheckDependencies<DependencyIdOf<M>>> => checkDependencies(effects, packageIds),
    mount: (effects: Effects, params: EffectInput<'mount'>) => effects.mount(params),
    getInstalledPackages: (effects: Effects) => effects.getInstalledPackages(),
    getServicePortForward: (effects: Effects, params: EffectInput<'get-service-port-forward'>) =>
      effects.getServicePortForward(params),
    clearBindings: (effects: Effects, params: EffectInput<'clear-bindings'>) => effects.clearBindings(params),
    getOsIp: (effects: Effects) => effects.getOsIp(),
    getSslKey: (effects: Effects, params: EffectInput<'get-ssl-key'>) => effects.getSslKey(params),
    setHealth: (effects: Effects, params: EffectInput<'set-health'>) => effects.setHealth(params),
    setBackupProgress: (effects: Effects, params: EffectInput<'set-backup-progress'>) =>
      effects.setBackupProgress(params),
    setInitProgress: (effects: Effects, params: EffectInput<'set-init-progress'>) =>
      effects.setInitProgress(params),
    setDataVersion,
    getDataVersion,
    notification: {
      /** Tells the user something, also when nobody looks at the screen. */
      create: (effects: Effects, params: EffectInput<'notification.create'>) =>
        effects.notification.create(params),
    },
  }
}
