import type {
  ActionMetadata,
  CurrentDependencyInfo,
  NamedHealthCheckResult,
  TaskEntry,
} from './service-schemas.ts'
import type { AddSslOptions, HostnameInfo, ServiceInterface } from './host-schemas.ts'
import type { Manifest } from './manifest.ts'
import type { FullProgress } from './progress.ts'

/** The whole database (db-model.md). A browser only ever gets `public`. */
export interface Database {
  public: PublicModel
  private: PrivateModel
}

export interface PublicModel {
  serverInfo: ServerInfo
  packageData: Record<string, PackageDataEntry>
  ui: UiTree
}

export interface ServerInfo {
  id: string
  name: string
  hostname: string
  version: string
  packageVersionCompat: string
  postInitMigrationTodos: Record<string, unknown>
  lastBackup: string | null
  network: NetworkInfo
  statusInfo: ServerStatus
  unreadNotificationCount: number
  passwordHash: string
  pubkey: string
  caFingerprint: string
  ntpSynced: boolean
  zram: boolean
  governor: string | null
  smtp: SmtpValue | null
  echoipUrls: string[]
  ram: number
  devices: unknown[]
  kiosk: boolean | null
  language: string | null
  keyboard: KeyboardOptions | null
}

export interface SmtpValue {
  host: string
  port: number
  from: string
  username: string
  password: string | null
  security: 'starttls' | 'tls'
}

export interface KeyboardOptions {
  layout: string
  keymap: string | null
  model: string | null
  variant: string | null
  options: string[]
}

export interface ServerStatus {
  backupProgress: FullProgress | null
  updateProgress: FullProgress | null
  shuttingDown: boolean
  restarting: boolean
  restart: null | 'mdns' | 'language' | 'kiosk' | 'update'
}

export interface NetworkInfo {
  wifi: {
    enabled: boolean
    interface: string | null
    ssids: string[]
    selected: string | null
    lastRegion: string | null
  }
  host: Host
  gateways: Record<string, NetworkInterfaceInfo>
  acme: Record<string, { contact: string[] }>
  dns: { dhcpServers: string[]; staticServers: string[] | null }
  defaultOutbound: string | null
  passthroughs: unknown[]
}

export interface NetworkInterfaceInfo {
  name: string | null
  secure: boolean | null
  ipInfo: IpInfo | null
  type: 'inbound-outbound' | 'outbound-only' | null
}

export interface IpInfo {
  name: string
  scopeId: number
  deviceType: 'ethernet' | 'wireless' | 'bridge' | 'wireguard' | 'loopback' | null
  subnets: string[]
  lanIp: string[]
  wanIp: string | null
  ntpServers: string[]
  dnsServers: string[]
}

export interface Host {
  bindings: Record<string, BindInfo>
  bindingRanges: Record<string, RangeBindInfo>
  publicDomains: Record<string, { gateway: string; acme: string | null }>
  privateDomains: Record<string, string[]>
  portForwards: { src: string; dst: string; gateway: string; count: number }[]
}

export interface BindInfo {
  enabled: boolean
  options: BindOptions
  net: { assignedPort: number | null; assignedSslPort: number | null }
  addresses: DerivedAddressInfo
  interfaces: Record<string, ServiceInterface>
}

export interface BindOptions {
  preferredExternalPort: number
  addSsl: AddSslOptions | null
  secure: { ssl: boolean } | null
}

export interface RangeBindInfo {
  enabled: boolean
  externalStartPort: number
  numberOfPorts: number
  addresses: DerivedAddressInfo
  interface: { id: string; name: string; description: string; scheme: string | null } | null
}

export interface DerivedAddressInfo {
  enabled: string[]
  disabled: [string, number][]
  guaAccess: Record<string, 'disabled' | 'lan' | 'lan-wan'>
  available: HostnameInfo[]
}

export interface PackageDataEntry {
  stateInfo: PackageState
  s9pk: string
  statusInfo: StatusInfo
  registry: string | null
  developerKey: string
  icon: string
  lastBackup: string | null
  currentDependencies: Record<string, CurrentDependencyInfo>
  actions: Record<string, ActionMetadata>
  tasks: Record<string, TaskEntry>
  hosts: Record<string, Host>
  storeExposedDependents: string[]
  outboundGateway: string | null
  plugin: { url: { tableAction: string } | null }
}

export type PackageState =
  | { state: 'installing' | 'restoring'; installingInfo: InstallingInfo }
  | { state: 'updating'; manifest: Manifest; s9pk: string; installingInfo: InstallingInfo }
  | { state: 'installed' | 'removing'; manifest: Manifest }

export interface InstallingInfo {
  newManifest: Manifest
  progress: FullProgress
}

export interface StatusInfo {
  health: Record<string, NamedHealthCheckResult>
  error: { details: string; debug: string; info: unknown } | null
  started: string | null
  desired: DesiredStatus
}

export type DesiredStatus =
  | { main: 'stopped' }
  | { main: 'running' }
  | { main: 'restarting'; restartAgain: boolean }
  | { main: 'backing-up'; onComplete: 'start' | 'stop' }

export interface UiTree {
  registries: Record<string, string | null>
  startosRegistry: string
  snakeHighScore: number
  hiddenUpdates: Record<string, string[]>
}

export interface PrivateModel {
  keyStore: {
    localCerts: LocalCerts
    acme: { accounts: Record<string, string>; certs: Record<string, unknown> }
  }
  password: string
  authPubkeys: string[]
  developerKey: string
  sshPrivkey: string
  sshPubkeys: Record<string, { created_at: string; updated_at: string; value: string }>
  availablePorts: Record<string, boolean>
  sessions: Record<string, Session>
  notifications: Record<string, Notification>
  cifs: Record<string, unknown>
  packageStores: Record<string, unknown>
  /** PEM of the key that each package was first installed from; it outlives a removal that keeps the data. */
  packageSigners?: Record<string, string>
  /** Of packages that came from the web: to get the same once more when the stored file is damaged. */
  packageSources?: Record<string, PackageSource>
  /** When the stored file of each package was last read through, and what was wrong with it. */
  packageChecks?: Record<string, PackageCheck>
  /** SHA-256 (base64url) of the token that monitoring programs show; absent while none may read. */
  metricsToken?: string
}

/** The server's own certificate authority; `null` until networking makes one. */
export interface LocalCerts {
  rootKey: string
  rootCert: string
  intKey: string
  intCert: string
  leaves: Record<string, unknown>
}

/** Where the package that is installed came from. */
export interface PackageSource {
  urls: string[]
  commitment: { rootSighash: string; rootMaxsize: number }
}

export interface PackageCheck {
  checkedAt: string
  /** The file that was checked: a newer one is due at once. */
  s9pk: string
  /** What is wrong, for a person to read; null when all is well. */
  damage: string | null
}

export interface Session {
  loggedIn: string
  lastActive: string
  userAgent: string | null
}

/** What a notification's `data` is: nothing, a backup's report, Markdown, or ours: a `DamagedPackage`. */
export const NOTIFICATION_CODES = { plain: 0, backupReport: 1, markdown: 2, damagedPackage: 3 } as const

export interface DamagedPackage {
  id: string
  version: string
  /** It came from the web, and can be had from there once more. */
  canRefetch: boolean
}

export interface Notification {
  packageId: string | null
  createdAt: string
  code: number
  level: 'success' | 'info' | 'warning' | 'error'
  title: string
  message: string
  data: unknown
  seen: boolean
}

/** The manifest that counts for a package in any state; the current one during updates (db-model.md §5.1). */
export function manifestOf(state: PackageState): Manifest {
  return 'manifest' in state ? state.manifest : state.installingInfo.newManifest
}
