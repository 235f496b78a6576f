import { cell } from './generic.ts'
import { ago, bytes } from './human.ts'
import type { Views } from './views.ts'

/** Who may do what: logins and keys; and the radio of the machine. */
export const accessViews = {
  'auth.session.list': ({ current, sessions }) => [
    {
      kind: 'table',
      columns: [
        { head: 'id', whole: true },
        { head: 'logged in' },
        { head: 'last active' },
        { head: 'with' },
      ],
      rows: Object.entries(sessions).map(([id, { loggedIn, lastActive, userAgent }]) => [
        id,
        ago(loggedIn),
        id === current ? { text: 'this login', tone: 'good' } : ago(lastActive),
        cell(userAgent),
      ]),
      none: 'nobody is logged in',
    },
  ],
  'ssh.list': (keys) => [
    {
      kind: 'table',
      columns: [{ head: 'name' }, { head: 'kind' }, { head: 'fingerprint', whole: true }, { head: 'added' }],
      rows: keys.map(({ hostname, alg, fingerprint, createdAt }) => [
        cell(hostname),
        alg,
        fingerprint,
        ago(createdAt),
      ]),
      none: 'no key may log in by SSH',
    },
  ],
  'wifi.get': ({ connected, country, ethernet, ssids, availableWifi }) => [
    {
      kind: 'facts',
      facts: [
        ['connected to', cell(connected)],
        ['country', cell(country)],
        ['cable', cell(ethernet)],
      ],
    },
    {
      kind: 'table',
      title: 'Saved',
      columns: [
        { head: 'network', whole: true },
        { head: 'strength', right: true },
      ],
      rows: Object.entries(ssids).map(([ssid, strength]) => [ssid, `${strength} %`]),
    },
    {
      kind: 'table',
      title: 'In reach',
      columns: [{ head: 'network', whole: true }, { head: 'strength', right: true }, { head: 'security' }],
      rows: availableWifi.map(({ ssid, strength, security }) => [ssid, `${strength} %`, cell(security)]),
    },
  ],
  'disk.list': (disks) => [diskTable(disks)],
  'setup.disk.list': (disks) => [diskTable(disks)],
} as const satisfies Views

interface Disk {
  logicalname: string
  vendor: string | null
  model: string | null
  capacity: number
  filesystem: string | null
  partitions: readonly {
    logicalname: string
    label: string | null
    capacity: number
    filesystem: string | null
  }[]
}

/** Disks, and below each of them its parts. */
function diskTable(disks: readonly Disk[]) {
  return {
    kind: 'table',
    columns: [
      { head: 'disk', whole: true },
      { head: 'name' },
      { head: 'size', right: true },
      { head: 'holds' },
    ],
    rows: disks.flatMap(({ logicalname, vendor, model, capacity, filesystem, partitions }) => [
      [
        logicalname,
        cell([vendor, model].filter((part) => part !== null).join(' ')),
        bytes(capacity),
        cell(filesystem),
      ],
      ...partitions.map((part) => [
        `  ${part.logicalname}`,
        cell(part.label),
        bytes(part.capacity),
        cell(part.filesystem),
      ]),
    ]),
    none: 'no disks were found',
  } as const
}
