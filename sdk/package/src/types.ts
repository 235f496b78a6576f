/** Everything that is only a type, under one name: `T.Effects`, `T.ActionMetadata` … */
export type { ActionInfo, Action, GetInput, Run } from './actions/action.ts'
export type { ActionMetadata, ActionMetadataInput, MaybeFn } from './actions/metadata.ts'
export type {
  ActionInput,
  ActionResult,
  ActionResultMember,
  ActionResultV0,
  ActionResultV1,
} from './actions/result.ts'
export type { TaskOptions, TaskSeverity } from './actions/tasks.ts'
export type { BackupHook, BackupSync } from './backup/backups.ts'
export type { SyncOptions } from './backup/rsync.ts'
export type { DaemonsBuilder } from './daemons/daemons.ts'
export type { Requirement } from './dependencies/setup.ts'
export type { EffectInput, Effects } from './effects.ts'
export type { HealthCheckResult, HealthStatus } from './health/result.ts'
export type { InitFn, InitKind, InitScript, UninitFn, UninitScript } from './lifecycle/scripts.ts'
export type {
  ImageIdOf,
  ManifestDependency,
  SDKDeviceFilter,
  SDKImageInputSpec,
  SDKImageSource,
  SDKManifest,
  VolumeIdOf,
} from './manifest/types.ts'
export type { AddSslOptions, BindOptionsByProtocol, ProxyAuth } from './network/multi-host.ts'
export type { AddressInfo } from './network/origin.ts'
export type { FullProgress, Progress } from './progress.ts'
export type { IdMap, MountType } from './subcontainer/mounts.ts'
export type { DeepPartial, DeepReadonly } from './values/deep.ts'
export type { HostnameInfo, ServiceInterface } from '@startd/base/host-schemas.ts'
export type {
  InputSpec as ActionInputSpec,
  Pattern,
  RandomString,
  UniqueBy,
  ValueSpec,
  ValueType,
} from '@startd/base/input-spec.ts'
export type { Manifest } from '@startd/base/manifest.ts'
export type { BindInfo, Host, SmtpValue, StatusInfo } from '@startd/base/model.ts'
export type {
  DependencyRequirement,
  LocaleString,
  NamedHealthCheckResult,
  Task,
} from '@startd/base/service-schemas.ts'
export type { CheckDependenciesResult } from '@startd/base/effects.ts'
