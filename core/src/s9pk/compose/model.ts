/** What a package project is made of, before it is written as TypeScript. */

/** A text of the package: fixed, or made from the settings when the service starts. */
export type Text = readonly TextPart[]
export type TextPart =
  | string
  | {
      /** Key of a setting. */
      readonly setting: string
      /** Stands there when the setting is empty. */
      readonly orElse?: Text
      /** Stands there when the setting is not empty. */
      readonly instead?: Text
    }

export type Generator = 'letters' | 'hex' | 'base64' | 'laravel' | 'uuid'

/** A value that the owner chooses, or that is drawn at random when the service is installed. */
export interface Setting {
  /** `dbPassword` */
  key: string
  /** `DB_PASSWORD` */
  variable: string
  label: string
  kind: 'text' | 'secret' | 'number' | 'toggle'
  /** How it is drawn; null for those on the form. */
  generator: { kind: Generator; length: number } | null
  /** Must be filled in before the service can start. */
  required: boolean
  /** As written in the compose file; null for none. */
  default: string | null
  /** How on and off are spelled. */
  words: readonly [on: string, off: string] | null
  /** Names of the services that use it. */
  services: Set<string>
  /** What the compose file says about why it is needed. */
  note: string | null
}

export type ImageSource =
  | { kind: 'tag'; tag: string }
  | { kind: 'build'; workdir: string; dockerfile: string | null; args: Map<string, string> }
  /** Made as `images.yaml` of the project says. */
  | { kind: 'recipe'; recipe: Record<string, unknown> }

export interface ImagePlan {
  id: string
  source: ImageSource
  arch: string[]
  nvidia: boolean
}

export interface MountPlan {
  kind: 'volume' | 'assets'
  /** Of a volume. */
  volume: string | null
  /** Within the volume or the assets; null = all of it. */
  subpath: string | null
  target: string
  file: boolean
  readonly: boolean
}

/** How a volume begins when it is new. */
export interface FillPlan {
  image: string
  volume: string
  target: string
  /** Directory of the assets that it begins with, instead of what the image has there. */
  seed: string | null
  /** `uid:gid` that the service runs as; null for the owner that the image says. */
  owner: string | null
}

export type CommandPlan = { kind: 'entrypoint'; arguments: Text[] | null } | { kind: 'argv'; argv: Text[] }

/** An environment variable: a text, or one that is only there when its setting has a value. */
export interface VariablePlan {
  name: string
  text: Text
  onlyWhenSet: string | null
}

/** A file that is written before the service starts. */
export interface FilePlan {
  path: string
  content: Text
  mode: number
}

export interface HealthPlan {
  command: { kind: 'argv'; argv: Text[] } | { kind: 'shell'; line: Text }
  interval: number | null
  startInterval: number | null
  timeout: number
  retries: number
  startPeriod: number | null
}

/** A port that a service listens on, as far as the compose file tells. */
export interface ListeningPort {
  port: number
  udp: boolean
}

export interface InterfacePlan {
  service: string
  port: number
  kind: 'http' | 'https' | 'ssh' | 'ws' | 'dns' | 'raw'
  type: 'ui' | 'api' | 'p2p'
  id: string
  name: string
  description: string
  /** Outside, where it can be had. */
  externalPort: number
  path: string
}

export interface ServicePlan {
  name: string
  /** Of its daemon. */
  id: string
  title: string
  /** Of its function in the generated code. */
  identifier: string
  image: string
  imageRef: string
  /** A database or the like, which only the other services use. */
  infrastructure: boolean
  oneshot: boolean
  command: CommandPlan
  workdir: string | null
  user: string | null
  environment: VariablePlan[]
  mounts: MountPlan[]
  files: FilePlan[]
  ports: ListeningPort[]
  health: HealthPlan | null
  requires: string[]
  stopTimeout: number | null
}

export interface ProjectPlan {
  id: string
  title: string
  version: string
  /** Reference of the image of the application itself. */
  mainImage: string
  images: ImagePlan[]
  volumes: string[]
  /** Where the settings are kept. */
  settingsVolume: string
  /** Volumes whose content can be had again. */
  notBackedUp: string[]
  fills: FillPlan[]
  /** In the order in which they start. */
  services: ServicePlan[]
  settings: Setting[]
  interfaces: InterfacePlan[]
  /** Names under which the services call each other. */
  names: string[]
  /** Further names, and the addresses behind them; `host-gateway` is the server. */
  extraHosts: Map<string, string>
  /** Below `/proc/sys/net`. */
  sysctls: Map<string, string>
  hardwareAcceleration: boolean
  virtualNetworking: boolean
  userspaceFilesystems: boolean
}
