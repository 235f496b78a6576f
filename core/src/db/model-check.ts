import { CodedError } from '@startd/base/errors.ts'
import type { Database, PackageDataEntry, PrivateModel, PublicModel, ServerInfo } from '@startd/base/model.ts'
import { FullProgress } from '@startd/base/progress.ts'
import { z } from 'zod'

/** A schema for every member of a part of the model: a new member must be thought of here. */
type Shape<T> = { readonly [K in keyof Required<T>]: z.ZodType }

const text = z.string()
const flag = z.boolean()
const mapOf = <V extends z.ZodType>(value: V) => z.record(z.string(), value)
const anything = z.unknown()
const Port = z.int().min(0).max(65_535)

const Addresses = z.looseObject({
  enabled: z.array(text),
  disabled: z.array(z.tuple([text, z.int()])),
  guaAccess: mapOf(z.enum(['disabled', 'lan', 'lan-wan'])),
  available: z.array(z.looseObject({})),
})
const Host = z.looseObject({
  bindings: mapOf(
    z.looseObject({
      enabled: flag,
      options: z.looseObject({ preferredExternalPort: Port }),
      net: z.looseObject({ assignedPort: Port.nullable(), assignedSslPort: Port.nullable() }),
      addresses: Addresses,
      interfaces: mapOf(z.looseObject({ id: text, name: text })),
    }),
  ),
  bindingRanges: mapOf(z.looseObject({ enabled: flag, externalStartPort: Port, addresses: Addresses })),
  publicDomains: mapOf(z.looseObject({ gateway: text })),
  privateDomains: mapOf(z.array(text)),
  portForwards: z.array(z.looseObject({ src: text, dst: text })),
})

const serverInfo = {
  id: text,
  name: text,
  hostname: text,
  version: text,
  packageVersionCompat: text,
  postInitMigrationTodos: mapOf(anything),
  lastBackup: text.nullable(),
  network: z.looseObject({
    wifi: z.looseObject({ enabled: flag, ssids: z.array(text) }),
    host: Host,
    gateways: mapOf(z.looseObject({ name: text.nullable() })),
    acme: mapOf(z.looseObject({ contact: z.array(text) })),
    dns: z.looseObject({ dhcpServers: z.array(text), staticServers: z.array(text).nullable() }),
    defaultOutbound: text.nullable(),
    passthroughs: z.array(anything),
  }),
  statusInfo: z.looseObject({
    backupProgress: FullProgress.nullable(),
    updateProgress: FullProgress.nullable(),
    shuttingDown: flag,
    restarting: flag,
    restart: z.enum(['mdns', 'language', 'kiosk', 'update']).nullable(),
  }),
  unreadNotificationCount: z.int().nonnegative(),
  passwordHash: text,
  pubkey: text,
  caFingerprint: text,
  ntpSynced: flag,
  zram: flag,
  governor: text.nullable(),
  smtp: z.looseObject({ host: text, port: Port, from: text, username: text }).nullable(),
  echoipUrls: z.array(text),
  ram: z.number().nonnegative(),
  devices: z.array(anything),
  kiosk: flag.nullable(),
  language: text.nullable(),
  keyboard: z.looseObject({ layout: text }).nullable(),
} satisfies Shape<ServerInfo>

const Manifest = z.looseObject({ id: text, title: anything, version: text })
const InstallingInfo = z.looseObject({ newManifest: Manifest, progress: FullProgress })
const packageEntry = {
  stateInfo: z.discriminatedUnion('state', [
    z.looseObject({ state: z.enum(['installing', 'restoring']), installingInfo: InstallingInfo }),
    z.looseObject({ state: z.literal('updating'), manifest: Manifest, installingInfo: InstallingInfo }),
    z.looseObject({ state: z.enum(['installed', 'removing']), manifest: Manifest }),
  ]),
  s9pk: text,
  statusInfo: z.looseObject({
    health: mapOf(z.looseObject({ result: text })),
    error: z.looseObject({ details: text }).nullable(),
    started: text.nullable(),
    desired: z.looseObject({ main: z.enum(['stopped', 'running', 'restarting', 'backing-up']) }),
  }),
  registry: text.nullable(),
  developerKey: text,
  icon: text,
  lastBackup: text.nullable(),
  currentDependencies: mapOf(z.looseObject({})),
  actions: mapOf(z.looseObject({ name: text })),
  tasks: mapOf(z.looseObject({})),
  hosts: mapOf(Host),
  storeExposedDependents: z.array(text),
  outboundGateway: text.nullable(),
  plugin: z.looseObject({}).nullable(),
} satisfies Shape<PackageDataEntry>

const publicModel = {
  serverInfo: z.looseObject(serverInfo),
  packageData: mapOf(z.looseObject(packageEntry)),
  ui: z.looseObject({
    registries: mapOf(text.nullable()),
    startosRegistry: text,
    snakeHighScore: z.number(),
    hiddenUpdates: mapOf(z.array(text)),
  }),
} satisfies Shape<PublicModel>

const Time = z.string().max(64)
const privateModel = {
  keyStore: z.looseObject({ localCerts: z.looseObject({}), acme: z.looseObject({}) }),
  password: text,
  authPubkeys: z.array(text),
  developerKey: text,
  sshPrivkey: text,
  sshPubkeys: mapOf(z.looseObject({ value: text })),
  availablePorts: mapOf(flag),
  sessions: mapOf(z.looseObject({ loggedIn: Time, lastActive: Time, userAgent: text.nullable() })),
  notifications: mapOf(
    z.looseObject({
      createdAt: Time,
      level: z.enum(['success', 'info', 'warning', 'error']),
      title: text,
      message: text,
      seen: flag,
    }),
  ),
  cifs: mapOf(anything),
  packageStores: mapOf(anything),
  packageSigners: mapOf(text).optional(),
  packageSources: mapOf(z.looseObject({ urls: z.array(text) })).optional(),
  packageChecks: mapOf(z.looseObject({})).optional(),
  metricsToken: text.optional(),
} satisfies Shape<PrivateModel>

const Model = z.looseObject({
  public: z.looseObject(publicModel),
  private: z.looseObject(privateModel),
} satisfies Shape<Database>)

/** The most that is said of what is wrong. */
const MAX_TEXT = 2000

/**
 * Checks a whole document from outside against the model (db-model.md): every member that the program relies on is
 * there and of its kind. More members than these are no mistake. Throws Deserialization with the places.
 */
export function checkModel(document: unknown): Database {
  const checked = Model.safeParse(document)
  if (checked.success) return document as Database
  const places = z.prettifyError(checked.error).slice(0, MAX_TEXT)
  throw new CodedError('Deserialization', `The result does not fit the model of the state:\n${places}`)
}
