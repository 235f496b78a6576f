import type { BackupTarget } from '@startd/base/rpc/backup.ts'
import type { Block, Cell } from './blocks.ts'
import { cell } from './generic.ts'
import { ago, bytes, time } from './human.ts'
import type { Views } from './views.ts'

/** Backups and where they are kept. */
export const backupViews = {
  'backup.target.list': (targets) => targetTables(targets),
  'backup.target.cifs.add': (targets) => targetTables(targets),
  'backup.target.cifs.update': (targets) => targetTables(targets),
  'backup.target.info': ({ version, timestamp, packageBackups }) => [
    {
      kind: 'facts',
      facts: [
        ['version of the server', version],
        ['made', timestamp === null ? cell(null) : time(timestamp)],
      ],
    },
    {
      kind: 'table',
      columns: [{ head: 'id', whole: true }, { head: 'service' }, { head: 'version' }, { head: 'made' }],
      rows: Object.entries(packageBackups).map(([id, { title, version: its, timestamp: made }]) => [
        id,
        title,
        its,
        time(made),
      ]),
      none: 'no services are in it',
    },
  ],
} as const satisfies Views

function targetTables(targets: Record<string, BackupTarget>): Block[] {
  const all = Object.entries(targets)
  const places: Block = {
    kind: 'table',
    columns: [
      { head: 'id', whole: true },
      { head: 'what' },
      { head: 'size', right: true },
      { head: 'used', right: true },
      { head: 'ready' },
    ],
    rows: all.map(([id, target]) => [id, ...describe(target)]),
    none: 'There is no place for backups: connect a disk, or add a share with “start-cli backup target cifs add”.',
  }
  const backups = all.flatMap(([id, { startOs }]) =>
    Object.entries(startOs).map(([server, { hostname, version, timestamp }]): Cell[] => [
      id,
      server,
      hostname,
      version,
      ago(timestamp),
    ]),
  )
  if (backups.length === 0) return [places]
  const columns = [
    { head: 'target', whole: true },
    { head: 'server', whole: true },
    { head: 'name' },
    { head: 'version' },
    { head: 'made' },
  ]
  return [places, { kind: 'table', title: 'Backups on them', columns, rows: backups }]
}

function describe(target: BackupTarget): Cell[] {
  if (target.type === 'cifs') {
    const { hostname, path, username, mountable } = target
    return [`${username} at ${hostname}, ${path}`, cell(null), cell(null), ready(mountable)]
  }
  const { vendor, model, label, capacity, used, filesystem } = target
  return [
    cell([vendor, model, label].filter((part) => part !== null).join(' ')),
    bytes(capacity),
    used === null ? cell(null) : bytes(used),
    ready(filesystem !== null),
  ]
}

function ready(is: boolean): Cell {
  return is ? { text: 'yes', tone: 'good' } : { text: 'no', tone: 'bad' }
}
