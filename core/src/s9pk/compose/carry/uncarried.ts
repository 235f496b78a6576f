import type { Weight } from '../ledger.ts'
import { listReplicas } from './deploy.ts'
import type { ServiceContext } from './context.ts'

type Verdict = readonly [Weight, string]

const LIMIT: Verdict = [
  'left',
  'Limits of single parts are not carried: the parts of a service share what its container has.',
]
const ENGINE: Verdict = ['none', 'This is about how a container engine works; there is none here.']
const SHARED: Verdict = [
  'left',
  'The parts of a service share one network, one host name and one clock; only processes are separate.',
]
const NAME_SERVERS: Verdict = [
  'left',
  'The server answers questions for names; a service cannot bring name servers of its own.',
]
const HOOK: Verdict = [
  'problem',
  'Commands around start and stop are not carried. Add a oneshot to startos/main.ts for what has to run.',
]

/** Keys of services that have no counterpart here, and what their absence means. */
const UNCARRIED: Record<string, Verdict> = {
  annotations: ENGINE,
  attach: ['none', 'What the service prints is in its log.'],
  blkio_config: LIMIT,
  cap_drop: [
    'left',
    'Rights inside the container are not taken away; the container as a whole has none on the host.',
  ],
  cgroup: ENGINE,
  cgroup_parent: ENGINE,
  cpu_count: LIMIT,
  cpu_percent: LIMIT,
  cpu_period: LIMIT,
  cpu_quota: LIMIT,
  cpu_rt_period: LIMIT,
  cpu_rt_runtime: LIMIT,
  cpu_shares: LIMIT,
  cpus: LIMIT,
  cpuset: LIMIT,
  credential_spec: ENGINE,
  develop: ['none', 'This is for development; packages are made from what is finished.'],
  device_cgroup_rules: [
    'problem',
    'Devices other than graphics, /dev/net/tun and /dev/fuse are out of reach.',
  ],
  dns: NAME_SERVERS,
  dns_opt: NAME_SERVERS,
  dns_search: NAME_SERVERS,
  domainname: SHARED,
  external_links: [
    'problem',
    'Services outside of this file cannot be reached by a name. Make them packages that depend on each other.',
  ],
  group_add: [
    'problem',
    'Further groups cannot be given. Give the files the group that the service runs with, or name a group in “user”.',
  ],
  ipc: ['left', 'Shared memory of the host or of other services cannot be used.'],
  isolation: ENGINE,
  label_file: ['none', 'Labels have no effect here.'],
  logging: ['none', 'What the service prints is kept in its log, whose length the server limits.'],
  mac_address: SHARED,
  mem_limit: LIMIT,
  mem_reservation: LIMIT,
  mem_swappiness: LIMIT,
  memswap_limit: LIMIT,
  models: [
    'problem',
    'Language models are not provided by the server; the service must do without, or bring one.',
  ],
  oom_kill_disable: LIMIT,
  oom_score_adj: LIMIT,
  pid: ['problem', 'A service sees only the processes of its own part.'],
  pids_limit: LIMIT,
  post_start: HOOK,
  pre_stop: HOOK,
  provider: ['problem', 'Parts that an external program provides cannot be carried.'],
  pull_policy: ENGINE,
  pull_refresh_after: ENGINE,
  read_only: [
    'left',
    'The root file system can be written; what is written there is gone when the service stops.',
  ],
  runtime: ENGINE,
  security_opt: [
    'left',
    'Rules of the container engine are not carried; every service runs as nobody of the host, with system calls filtered.',
  ],
  shm_size: ['left', 'The size of /dev/shm is that of the service’s container.'],
  stdin_open: ['none', 'Nobody types into a service.'],
  storage_opt: ENGINE,
  tty: ['none', 'Nobody watches a service’s terminal; what it prints is in its log.'],
  ulimits: ['left', 'Limits of processes are those of the service’s container.'],
  use_api_socket: ['problem', 'There is no container engine to talk to.'],
  userns_mode: ENGINE,
  uts: SHARED,
  volume_driver: ENGINE,
  volumes_from: ['problem', 'Mounts of another service are not repeated; write them out in this service.'],
}

/** Lists every key of a service that no other part of the conversion has looked at. */
export function listUncarried(context: ServiceContext): void {
  for (const key of Object.keys(context.service)) {
    if (context.service[key] === undefined || key.startsWith('x-')) {
      context.use(key)
      continue
    }
    const verdict = UNCARRIED[key]
    if (key === 'scale') listReplicas(context, ['scale'], Number(context.service[key]))
    else if (verdict && !context.conversion.ledger.isCovered(context.path(key)))
      context.list(verdict[0], [key], verdict[1])
  }
}
