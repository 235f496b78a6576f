import type { Weight } from '../ledger.ts'

const PLACES: readonly (readonly [RegExp, Weight, string])[] = [
  [
    /docker\.sock$|^\/var\/lib\/docker/,
    'problem',
    'Services here cannot control other services: there is no container engine to talk to. Leave out what needs it (proxies, updaters and dashboards of containers are part of the server already).',
  ],
  [
    /^\/etc\/(localtime|timezone)$/,
    'changed',
    'The time of the host is not shared. Where the service has a setting TZ, it says the time zone.',
  ],
  [/^\/dev\/(dri|net\/tun|fuse)/, 'none', 'Devices come by the manifest, not by a mount.'],
  [/^\/dev\/shm/, 'changed', 'Each service has a /dev/shm of its own; its parts share it.'],
  [/^\/dev(\/|$)/, 'problem', 'This device of the host cannot be reached from a service.'],
  [
    /^\/(proc|sys|boot)(\/|$)|^\/lib\/modules/,
    'problem',
    'The kernel interfaces of the host are not shared with services.',
  ],
  [
    /^\/(var\/)?run\/(dbus|systemd|udev|avahi)/,
    'problem',
    'System services of the host (D-Bus, udev, Avahi) cannot be reached from a service. What needs them, such as Bluetooth or finding devices, does not work.',
  ],
  [
    /^\/etc\/(passwd|group|shadow|hosts|resolv\.conf|machine-id|ssl|ca-certificates|pki)/,
    'left',
    'Files of the host’s system are not shared; the image’s own are used.',
  ],
  [/^\/(var\/log|etc|usr|root)?\/?$/, 'problem', 'The host’s own file system is not shared with services.'],
]

/** Mounts of places of the host that mean something else than storage. Null for storage. */
export function hostPlace(source: string): { weight: Weight; meaning: string } | null {
  if (!source.startsWith('/')) return null
  const found = PLACES.find(([pattern]) => pattern.test(source))
  return found ? { weight: found[1], meaning: found[2] } : null
}
