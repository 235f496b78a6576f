import type { ErrorKind } from '@startd/base/errors.ts'
import type { Absence, Absences } from '../rpc/handlers.ts'

const machine = (kind: ErrorKind, reason: string): Absence => ({
  missing: 'machine',
  kind,
  details: `Not available on this machine: ${reason}`,
})
const release = (details: string): Absence => ({ missing: 'release', kind: 'NotYet', details })

const WIFI = machine('Wifi', 'startd does not manage Wi-Fi here; the system of this machine does')
const KIOSK = machine('InvalidRequest', 'it has no screen that startd could show its pages on')
const DISK = machine('InvalidRequest', 'startd keeps its data in a directory and manages no disk')
const SWITCH = machine('InvalidRequest', 'startd does not switch it off or on; do that as you always do')
const UPDATE = machine(
  'UpdateFailed',
  'startd does not update itself here; update it as you have installed it',
)
const DOMAINS = release('startd does not serve domains yet')
const ADDRESSES = release('Addresses cannot be turned on and off one by one yet')
const ACME = release('startd does not get certificates from an authority on the internet yet')
const DNS = release('startd asks the DNS servers of this machine; it cannot ask others yet')
const NETWORKS = release('startd does not manage the networks of this machine yet')
const TUNNELS = release('startd does not open tunnels yet')
const PASSTHROUGH = release('startd does not pass encrypted connections on yet')
const BACKUPS = release('startd does not make or read backups yet')
const REGISTRY = release('startd does not ask registries yet. Install from a package file or its web address')

/**
 * The declared methods without a handler, and why. A method leaves this list when it gets its handler
 * in one of the groups of `contexts.ts`; the compiler refuses methods that are in both or in neither.
 */
export const ABSENT = {
  'backup.create': BACKUPS,
  'backup.target.cifs.add': BACKUPS,
  'backup.target.cifs.remove': BACKUPS,
  'backup.target.cifs.update': BACKUPS,
  'backup.target.delete-legacy': BACKUPS,
  'backup.target.info': BACKUPS,
  'backup.target.list': BACKUPS,
  'backup.target.mount': BACKUPS,
  'backup.target.umount': BACKUPS,
  'diagnostic.disk.forget': DISK,
  'diagnostic.disk.repair': DISK,
  'diagnostic.update': UPDATE,
  'disk.repair': DISK,
  'kiosk.disable': KIOSK,
  'kiosk.enable': KIOSK,
  'net.acme.init': ACME,
  'net.acme.remove': ACME,
  'net.dns.dump-table': DNS,
  'net.dns.set-static': DNS,
  'net.forward.dump-table': NETWORKS,
  'net.gateway.check-dns': NETWORKS,
  'net.gateway.check-port': NETWORKS,
  'net.gateway.forget': NETWORKS,
  'net.gateway.set-default-outbound': NETWORKS,
  'net.gateway.set-name': NETWORKS,
  'net.ssl.generate-certificate': release('startd has no certificate authority of its own yet'),
  'net.tunnel.add': TUNNELS,
  'net.tunnel.remove': TUNNELS,
  'net.tunnel.update': TUNNELS,
  'net.vhost.add-passthrough': PASSTHROUGH,
  'net.vhost.dump-table': PASSTHROUGH,
  'net.vhost.list-passthrough': PASSTHROUGH,
  'net.vhost.remove-passthrough': PASSTHROUGH,
  'package.attach': release('Programs cannot be run inside services from here yet'),
  'package.backup.restore': BACKUPS,
  'package.host.address.domain.private.add': DOMAINS,
  'package.host.address.domain.private.remove': DOMAINS,
  'package.host.address.domain.public.add': DOMAINS,
  'package.host.address.domain.public.remove': DOMAINS,
  'package.host.binding.set-address-enabled': ADDRESSES,
  'package.host.binding.set-gua-access': ADDRESSES,
  'package.host.binding.set-range-address-enabled': ADDRESSES,
  'package.install': REGISTRY,
  'package.set-outbound-gateway': NETWORKS,
  'registry.info': REGISTRY,
  'registry.os.version.get': REGISTRY,
  'registry.package.get': REGISTRY,
  'server.experimental.zram': machine('Zram', 'startd leaves the memory to its system'),
  'server.host.address.domain.private.add': DOMAINS,
  'server.host.address.domain.private.remove': DOMAINS,
  'server.host.address.domain.public.add': DOMAINS,
  'server.host.address.domain.public.remove': DOMAINS,
  'server.host.binding.set-address-enabled': ADDRESSES,
  'server.host.binding.set-gua-access': ADDRESSES,
  'server.host.binding.set-range-address-enabled': ADDRESSES,
  'server.set-echoip-urls': NETWORKS,
  'server.update': UPDATE,
  'server.update-firmware': machine('Firmware', 'startd does not touch its firmware'),
  'setup.attach': DISK,
  'setup.cifs.verify': BACKUPS,
  'setup.install-os': DISK,
  'setup.restart': SWITCH,
  'setup.shutdown': SWITCH,
  'wifi.add': WIFI,
  'wifi.available.get': WIFI,
  'wifi.connect': WIFI,
  'wifi.country.set': WIFI,
  'wifi.get': WIFI,
  'wifi.remove': WIFI,
  'wifi.set-enabled': WIFI,
} as const satisfies Absences
