import type { NotificationWithId } from '@startd/base/rpc/notification.ts'
import type { PackageListEntry } from '@startd/base/rpc/package.ts'
import type { Block, Cell } from './blocks.ts'
import { cell } from './generic.ts'
import { ago, bytes, duration, mebibytes, time } from './human.ts'
import { historyView, metricsView } from './metrics.ts'
import type { Tone } from './style.ts'
import type { Views } from './views.ts'

const LEVELS: Record<NotificationWithId['level'], Tone> = {
  success: 'good',
  info: 'plain',
  warning: 'busy',
  error: 'bad',
}

/** The machine, its services and what it has to say. */
export const serverViews = {
  'git-info': (commit) => [{ kind: 'text', text: commit }],
  'server.time': ({ now, uptime }) => [
    {
      kind: 'facts',
      facts: [
        ['now', time(now)],
        ['runs for', duration(uptime)],
      ],
    },
  ],
  'server.device-info': ({ os, hardware }) => [
    {
      kind: 'facts',
      facts: [
        ['version', os.version],
        ['takes data of', os.compat],
        ['platform', os.platform],
        ['language', cell(os.language)],
        ['architecture', cell(hardware?.arch)],
        ['memory', hardware ? bytes(hardware.ram) : '-'],
        ...(hardware?.devices ?? []).map((device): [string, Cell] => [
          device.class,
          [device.vendor, device.product].filter((part) => part !== null).join(' ') || '-',
        ]),
      ],
    },
  ],
  'server.metrics': (metrics) => metricsView(metrics),
  'server.metrics.history': (history) => historyView(history),
  'server.experimental.governor': ({ current, available }) => [
    {
      kind: 'facts',
      facts: [
        ['now', cell(current)],
        ['there are', cell(available)],
      ],
    },
  ],
  'server.update-firmware': (restart) => [
    {
      kind: 'text',
      text: restart ? 'The firmware is new. Restart the machine to use it.' : 'The firmware is the newest.',
    },
  ],
  'notification.list': (all) => [
    {
      kind: 'table',
      columns: [
        { head: 'id', right: true, whole: true },
        { head: 'when' },
        { head: 'level' },
        { head: 'about' },
        { head: 'title' },
        { head: 'message' },
      ],
      rows: all.map(({ id, createdAt, level, packageId, title, message, seen }) => [
        String(id),
        ago(createdAt),
        { text: level, tone: LEVELS[level] },
        cell(packageId),
        seen ? title : { text: title, tone: 'head' },
        message,
      ]),
      none: 'no notifications',
    },
  ],
  'package.stats': (stats) => [
    {
      kind: 'table',
      columns: [
        { head: 'service', whole: true },
        { head: 'memory', right: true },
        { head: 'of', right: true },
        { head: 'processor time', right: true },
        { head: 'processes', right: true },
        { head: 'disk read', right: true },
        { head: 'written', right: true },
      ],
      rows: Object.entries(stats).map(([id, use]): Cell[] =>
        use
          ? [
              id,
              mebibytes(use.memory_usage),
              mebibytes(use.memory_limit),
              duration(use.cpu_seconds),
              String(use.processes),
              mebibytes(use.disk_read),
              mebibytes(use.disk_written),
            ]
          : [id, { text: 'not running', tone: 'quiet' }],
      ),
      none: 'no services are installed',
    },
  ],
  'package.verify': ({ checkedAt, damage }) => [
    {
      kind: 'facts',
      facts: [
        ['checked', time(checkedAt)],
        [
          'result',
          damage === null ? { text: 'as its author signed it', tone: 'good' } : { text: damage, tone: 'bad' },
        ],
      ],
    },
  ],
  'package.signer': (signer) => [{ kind: 'text', text: signer ?? 'not known' }],
  'package.installed-version': (version) => [{ kind: 'text', text: version ?? 'not installed' }],
  'diagnostic.error': ({ message, data, code }) => [
    {
      kind: 'text',
      text: `${message}: ${typeof data === 'object' && data !== null && 'details' in data ? String(data.details) : String(data ?? '')} (error ${code})`,
    },
  ],
  'setup.status': (status) => [
    {
      kind: 'text',
      text: {
        'needs-install': 'Nothing is installed yet.',
        incomplete: 'The server waits to be set up: “start-cli setup execute”, or open its page.',
        running: 'The server is being set up.',
        complete: 'The server is set up.',
      }[status.status],
    },
  ],
  'setup.complete': ({ hostname, needsRestart }) => [
    {
      kind: 'facts',
      facts: [
        ['name on the network', hostname],
        ['needs a restart', cell(needsRestart)],
      ],
    },
  ],
} as const satisfies Views

/** What runs is green, what changes yellow, what has failed red. */
export function statusCell(status: string): Cell {
  const tones: Record<string, Tone> = { running: 'good', error: 'bad', stopped: 'quiet', removing: 'bad' }
  return { text: status, tone: tones[status] ?? 'busy' }
}

export function packagesView(
  rows: readonly (Omit<PackageListEntry, 'status'> & { status: string })[],
): Block[] {
  return [
    {
      kind: 'table',
      columns: [{ head: 'id', whole: true }, { head: 'version' }, { head: 'status' }],
      rows: rows.map(({ id, version, status }) => [id, version, statusCell(status)]),
      none: 'No services are installed. “start-cli package install FILE” installs one.',
    },
  ]
}
