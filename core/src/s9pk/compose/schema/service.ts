import { z } from 'zod'
import { anything, command, flag, pairs, text, textOrTexts, texts, whole, word } from './scalars.ts'

const Build = z.union([
  text.transform((context) => ({ context })),
  z.looseObject({
    context: text.optional(),
    dockerfile: text.optional(),
    dockerfile_inline: text.optional(),
    args: pairs.optional(),
    target: text.optional(),
  }),
])
export type Build = {
  context?: string | undefined
  dockerfile?: string | undefined
  dockerfile_inline?: string | undefined
  args?: Map<string, string | null> | undefined
  target?: string | undefined
}

const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'] as const
const Dependency = z.looseObject({
  condition: z.enum(CONDITIONS).default('service_started'),
  required: flag.default(true),
  restart: flag.optional(),
})
export type Dependency = z.output<typeof Dependency>
const DependsOn = z
  .union([texts, z.record(text, Dependency.nullable())])
  .transform((given): Map<string, Dependency> => {
    const plain = Dependency.parse({})
    if (Array.isArray(given)) return new Map(given.map((name) => [name, plain]))
    return new Map(Object.entries(given).map(([name, dependency]) => [name, dependency ?? plain]))
  })

const LongPort = z.looseObject({
  target: whole,
  published: text.optional(),
  host_ip: text.optional(),
  protocol: z.enum(['tcp', 'udp', 'sctp']).default('tcp'),
  app_protocol: text.optional(),
  name: text.optional(),
})
const LongMount = z.looseObject({
  type: z.enum(['volume', 'bind', 'tmpfs', 'npipe', 'cluster', 'image']),
  source: text.optional(),
  target: text.optional(),
  read_only: flag.optional(),
  volume: z.looseObject({ subpath: text.optional(), nocopy: flag.optional() }).optional(),
})
export type LongMount = z.output<typeof LongMount>
export type LongPort = z.output<typeof LongPort>

const HealthCheck = z.looseObject({
  test: z.union([text, texts.min(1)]).optional(),
  interval: text.optional(),
  timeout: text.optional(),
  start_period: text.optional(),
  start_interval: text.optional(),
  retries: whole.optional(),
  disable: flag.optional(),
})
export type HealthCheck = z.output<typeof HealthCheck>

const Grant = z.union([
  text.transform((source) => ({ source })),
  z.looseObject({ source: text, target: text.optional(), mode: text.optional() }),
])
export type Grant = { source: string; target?: string | undefined; mode?: string | undefined }

const EnvFile = z
  .union([text, z.array(z.union([text, z.looseObject({ path: text, required: flag.optional() })]))])
  .transform((given) =>
    [given].flat().map((one) => (typeof one === 'string' ? { path: one, required: true } : one)),
  )

const Networks = z
  .union([texts, z.record(text, z.looseObject({ aliases: texts.optional() }).nullable())])
  .transform((given) => (Array.isArray(given) ? {} : given))

/**
 * One service of a compose file (Compose Specification, 05-services). Keys that are only looked at, or that have no
 * counterpart here, are not described further: see carry/uncarried.ts.
 */
export const Service = z.looseObject({
  build: Build.optional(),
  cap_add: texts.optional(),
  command: command.optional(),
  configs: z.array(Grant).optional(),
  container_name: text.optional(),
  depends_on: DependsOn.optional(),
  deploy: z.looseObject({}).optional(),
  devices: z.array(z.union([text, z.looseObject({ source: text })])).optional(),
  domainname: text.optional(),
  entrypoint: command.optional(),
  env_file: EnvFile.optional(),
  environment: pairs.optional(),
  expose: texts.optional(),
  extends: anything.optional(),
  extra_hosts: pairs.optional(),
  gpus: anything.optional(),
  healthcheck: HealthCheck.optional(),
  hostname: text.optional(),
  image: text.optional(),
  init: flag.optional(),
  labels: pairs.optional(),
  links: texts.optional(),
  network_mode: text.optional(),
  networks: Networks.optional(),
  platform: text.optional(),
  ports: z.array(z.union([text, LongPort])).optional(),
  privileged: flag.optional(),
  profiles: texts.optional(),
  read_only: flag.optional(),
  restart: word.optional(),
  runtime: text.optional(),
  secrets: z.array(Grant).optional(),
  stop_grace_period: text.optional(),
  stop_signal: text.optional(),
  sysctls: pairs.optional(),
  tmpfs: textOrTexts.optional(),
  user: text.optional(),
  volumes: z.array(z.union([text, LongMount])).optional(),
  working_dir: text.optional(),
})
export type Service = z.output<typeof Service>
