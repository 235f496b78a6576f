import { z } from 'zod'
import { AddSslOptions, ServiceInterface } from './host-schemas.ts'
import type { Host } from './model.ts'
import {
  ActionId,
  Guid,
  HealthCheckId,
  HostId,
  ImageId,
  PackageId,
  Port,
  ReplayId,
  ServiceInterfaceId,
  VolumeId,
} from './ids.ts'
import type { Manifest } from './manifest.ts'
import { Progress } from './progress.ts'
import type { ActionInput, ActionResult, NamedHealthCheckResult, TaskEntry } from './service-schemas.ts'
import { ActionMetadata, DependencyRequirement, Task } from './service-schemas.ts'
import type { SmtpValue, StatusInfo } from './model.ts'

/**
 * What a package may ask of the host, one definition per method (effects.md §3–§12). The host checks
 * parameters with `params`; the container runtime and the SDK take their types from here.
 * `callback` marks methods that may leave a one-shot callback id behind.
 */
export interface EffectDefinition<P extends z.ZodType, R> {
  params: P
  callback: boolean
  /** Carries the result type only. */
  result?: R
}

const effect = <P extends z.ZodType>(params: P) => ({
  returns: <R>(): EffectDefinition<P, R> => ({ params, callback: false }),
  watches: <R>(): EffectDefinition<P, R> => ({ params, callback: true }),
})

const text = z.string().max(65536)
const orNull = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null)
const callback = orNull(z.int().nonnegative())
const nothing = z.object({})
const port = Port
const anyObject = z.record(z.string(), z.unknown())
const ids = z.array(z.int().nonnegative()).max(100_000)
const algorithm = z
  .enum(['ecdsa', 'ed25519'])
  .nullish()
  .transform((value) => value ?? ('ecdsa' as const))
const hostnames = z.array(z.string().min(1).max(255)).max(100)

const message = orNull(text)
const SetHealth = z.union([
  z.object({
    id: HealthCheckId,
    name: text,
    result: z.enum(['success', 'disabled', 'starting', 'waiting']),
    message,
  }),
  z.object({ id: HealthCheckId, name: text, result: z.enum(['loading', 'failure']), message: text }),
])

export const MountTarget = z.object({
  packageId: PackageId,
  volumeId: VolumeId,
  subpath: orNull(z.string().max(4096)),
  readonly: z.boolean(),
  idmap: z
    .array(
      z.object({
        fromId: z.int().min(0).max(65535),
        toId: z.int().min(0).max(65535),
        range: z.int().min(1).max(65536).default(1),
      }),
    )
    .max(100)
    .nullish()
    .transform((maps) => maps ?? []),
})

const PluginHostnameInfo = z.object({
  packageId: orNull(PackageId),
  hostId: z.string().max(256),
  internalPort: port,
  ssl: z.boolean(),
  public: z.boolean(),
  hostname: z.string().max(255),
  port: orNull(port),
  info: z.unknown().optional(),
})

export interface CheckDependenciesResult {
  packageId: string
  title: string | null
  installedVersion: string | null
  satisfies: string[]
  isRunning: boolean
  tasks: Record<string, TaskEntry>
  healthChecks: Record<string, NamedHealthCheckResult>
}

export const EFFECTS = {
  echo: effect(z.object({ message: text })).returns<string>(),
  'git-info': effect(nothing).returns<string>(),
  'clear-callbacks': effect(z.object({ only: ids.nullish(), except: ids.nullish() })).returns<null>(),

  restart: effect(nothing).returns<null>(),
  shutdown: effect(nothing).returns<null>(),
  rebuild: effect(nothing).returns<null>(),
  'get-status': effect(z.object({ packageId: orNull(PackageId), callback })).watches<StatusInfo | null>(),
  'set-main-status': effect(z.object({ status: z.enum(['running', 'stopped']) })).returns<null>(),

  'action.export': effect(z.object({ id: ActionId, metadata: ActionMetadata })).returns<null>(),
  'action.clear': effect(z.object({ except: z.array(ActionId).max(10_000) })).returns<null>(),
  'action.get-input': effect(
    z.object({ packageId: orNull(PackageId), actionId: ActionId, prefill: orNull(anyObject) }),
  ).returns<ActionInput | null>(),
  'action.run': effect(
    z.object({ packageId: orNull(PackageId), actionId: ActionId, input: z.unknown().optional() }),
  ).returns<ActionResult | null>(),
  'action.create-task': effect(Task.extend({ replayId: ReplayId })).returns<null>(),
  'action.clear-tasks': effect(
    z.object({ only: z.array(ReplayId).nullish(), except: z.array(ReplayId).nullish() }),
  ).returns<null>(),

  'set-dependencies': effect(
    z.object({ dependencies: z.array(DependencyRequirement).max(1000) }),
  ).returns<null>(),
  'get-dependencies': effect(nothing).returns<DependencyRequirement[]>(),
  'check-dependencies': effect(z.object({ packageIds: z.array(PackageId).max(1000).nullish() })).returns<
    CheckDependenciesResult[]
  >(),
  'get-installed-packages': effect(nothing).returns<string[]>(),
  'get-service-manifest': effect(z.object({ packageId: PackageId, callback })).watches<Manifest>(),
  mount: effect(z.object({ location: z.string().min(1).max(4096), target: MountTarget })).returns<null>(),

  'set-health': effect(SetHealth).returns<null>(),
  'set-backup-progress': effect(z.object({ progress: Progress })).returns<null>(),
  'set-init-progress': effect(z.object({ progress: Progress })).returns<null>(),
  'notification.create': effect(
    z.object({
      level: z.enum(['success', 'info', 'warning', 'error']),
      title: text,
      message: text,
      data: orNull(z.string().max(1 << 20)),
    }),
  ).returns<null>(),

  'set-data-version': effect(z.object({ version: orNull(z.string().max(4096)) })).returns<null>(),
  'get-data-version': effect(nothing).returns<string | null>(),

  'subcontainer.create-fs': effect(z.object({ imageId: ImageId, name: orNull(z.string().max(256)) })).returns<
    [path: string, guid: string]
  >(),
  'subcontainer.destroy-fs': effect(z.object({ guid: Guid })).returns<null>(),

  bind: effect(
    z.object({
      id: HostId,
      internalPort: port,
      preferredExternalPort: port,
      addSsl: orNull(AddSslOptions),
      secure: orNull(z.object({ ssl: z.boolean() })),
    }),
  ).returns<null>(),
  'bind-range': effect(
    z.object({ id: HostId, internalStartPort: port, externalStartPort: port, numberOfPorts: z.int() }),
  ).returns<null>(),
  'clear-bindings': effect(
    z.object({
      except: z
        .array(z.object({ id: HostId, internalPort: port }))
        .max(10_000)
        .nullish()
        .transform((except) => except ?? []),
    }),
  ).returns<null>(),
  'get-service-port-forward': effect(
    z.object({ packageId: orNull(PackageId), hostId: HostId, internalPort: port }),
  ).returns<{ assignedPort: number | null; assignedSslPort: number | null }>(),
  'get-host-info': effect(
    z.object({ hostId: HostId, packageId: orNull(PackageId), callback }),
  ).watches<Host | null>(),
  'get-container-ip': effect(z.object({ packageId: orNull(PackageId), callback })).watches<string | null>(),
  'get-os-ip': effect(nothing).returns<string>(),
  'get-outbound-gateway': effect(z.object({ callback })).watches<string>(),
  'export-service-interface': effect(ServiceInterface).returns<null>(),
  'export-range-service-interface': effect(
    z.object({
      hostId: HostId,
      internalStartPort: port,
      id: ServiceInterfaceId,
      name: text,
      description: text,
      scheme: orNull(text),
    }),
  ).returns<null>(),
  'get-service-interface': effect(
    z.object({ packageId: orNull(PackageId), serviceInterfaceId: ServiceInterfaceId, callback }),
  ).watches<ServiceInterface | null>(),
  'list-service-interfaces': effect(z.object({ packageId: orNull(PackageId), callback })).watches<
    Record<string, ServiceInterface>
  >(),
  'clear-service-interfaces': effect(
    z.object({ except: z.array(ServiceInterfaceId).max(10_000) }),
  ).returns<null>(),

  'get-ssl-certificate': effect(z.object({ hostnames, algorithm, callback })).watches<
    [string, string, string]
  >(),
  'get-ssl-key': effect(z.object({ hostnames, algorithm })).returns<string>(),

  'plugin.url.register': effect(z.object({ tableAction: ActionId })).returns<null>(),
  'plugin.url.export-url': effect(
    z.object({
      hostnameInfo: PluginHostnameInfo,
      removeAction: orNull(ActionId),
      overflowActions: z.array(ActionId).max(100),
    }),
  ).returns<null>(),
  'plugin.url.clear-urls': effect(
    z.object({ except: z.array(PluginHostnameInfo).max(10_000) }),
  ).returns<null>(),

  'get-system-smtp': effect(z.object({ callback })).watches<SmtpValue | null>(),
} as const satisfies Record<string, EffectDefinition<z.ZodType, unknown>>

export type EffectName = keyof typeof EFFECTS

/** Parameters of a method after parsing, as the host's handler gets them. */
export type EffectParams<N extends EffectName> = z.output<(typeof EFFECTS)[N]['params']>

/** Result of a method. */
export type EffectResult<N extends EffectName> = NonNullable<
  (typeof EFFECTS)[N] extends EffectDefinition<z.ZodType, infer R> ? { r: R } : never
>['r']
