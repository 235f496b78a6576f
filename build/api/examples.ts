import type { MethodName, Params } from '@startd/base/rpc/contract.ts'
import type { HostnameInfo } from '@startd/base/host-schemas.ts'

export const PASSWORD = 'correct horse battery staple'
const REGISTRY = 'https://registry.example.com'
const id = 'hello-world'
const host = { package: id, host: 'main' }
const share = { hostname: 'nas.home.arpa', path: 'backups', username: 'attic' }
const disk = 'disk-/dev/sdb1'
const address: HostnameInfo = {
  ssl: false,
  public: false,
  hostname: '192.168.1.5',
  port: 8080,
  metadata: { kind: 'ipv4', gateway: 'eth0' },
}
const logs = { limit: 2 }
const keyboard = { layout: 'de', variant: 'nodeadkeys' }
const mail = { host: 'mail.example.com', port: 587, from: 'attic@example.com', username: 'attic' }
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqh5LTkHCMsaP9jXCjb1vBxKZpmKjN3bWX0Jd7c1zYk me@laptop'
const signingKey = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=
-----END PUBLIC KEY-----
`

/**
 * Parameters of a call of every method, as a person would make it of a server with the example package
 * hello-world. They are called in this order at each stage: what changes much comes late.
 */
export const EXAMPLES: { readonly [M in MethodName]: Params<M> } = {
  'setup.status': {},
  'setup.get-pubkey': {},
  'setup.disk.list': {},
  'setup.set-language': { language: 'en_US' },
  'setup.set-keyboard': keyboard,
  'setup.cifs.verify': { ...share, password: null },
  'setup.install-os': { osDrive: '/dev/sda' },
  'setup.attach': { password: null, guid: 'STARTOS_ABCDEFGHIJKLMNOP' },
  'setup.logs': logs,
  'setup.logs.follow': logs,
  'setup.restart': {},
  'setup.shutdown': {},
  'setup.execute': { password: PASSWORD, name: 'Attic Server' },
  'setup.complete': {},
  'setup.exit': {},

  'git-info': {},
  echo: { message: 'hello' },
  state: {},

  'auth.login': { password: PASSWORD },
  'auth.session.list': {},
  'auth.session.kill': { ids: ['tf3nksnckek5vnhdnugb7ohtdsyh3kd53azhlf3tmdvx3qe6rdpa'] },
  'auth.get-pubkey': {},
  'auth.key.add': { key: signingKey, password: PASSWORD },
  'auth.key.list': {},
  'auth.key.remove': { ids: ['SHA256:Vkdap1RjR0wChd9dvyvKtz2mUTWIOem3dIGy6rEHcIw'] },
  'auth.logout': {},

  'db.dump': { pointer: '/public/serverInfo/statusInfo' },
  'db.subscribe': { pointer: '/public/serverInfo/statusInfo' },
  'db.put.ui': { pointer: '/snakeHighScore', value: 12 },
  'db.apply': { expr: '.public.ui.snakeHighScore = 13' },

  'notification.create': { level: 'info', title: 'Disk changed', message: 'The backup disk was changed.' },
  'notification.list': {},
  'notification.mark-seen': { ids: [0] },
  'notification.mark-unseen': { ids: [0] },
  'notification.mark-seen-before': { before: 0 },
  'notification.remove-before': { before: 0 },
  'notification.remove': { ids: [0] },

  'package.install': { registry: REGISTRY, id: 'nextcloud', version: '30.0.0:0' },
  'package.install-url': { urls: ['http://localhost:9/nextcloud.s9pk'] },
  'package.cancel-install': { id: 'nextcloud' },
  'package.sideload': {},
  'package.list': {},
  'package.installed-version': { id },
  'package.refetch': { id },
  'package.signer': { id },
  'package.verify': { id },
  'package.action.get-input': { packageId: id, actionId: 'set-greeting' },
  'package.action.run': { packageId: id, actionId: 'show-details' },
  'package.action.clear-task': { packageId: id, replayId: 'set-greeting' },
  'package.logs': { id, limit: 2 },
  'package.logs.follow': { id, limit: 2 },
  'package.start': { id },
  'package.restart': { id },
  'package.stats': {},
  'package.attach': { id, command: ['ls', '/data'], tty: false, stderrTty: false },
  'package.host.list': { package: id },
  'package.host.address.list': host,
  'package.host.address.domain.public.add': {
    ...host,
    fqdn: 'hello.example.com',
    gateway: 'eth0',
    internalPort: 80,
    acme: 'letsencrypt',
  },
  'package.host.address.domain.public.remove': { ...host, fqdn: 'hello.example.com' },
  'package.host.address.domain.private.add': { ...host, fqdn: 'hello.home.arpa', gateway: 'eth0' },
  'package.host.address.domain.private.remove': { ...host, fqdn: 'hello.home.arpa' },
  'package.host.binding.list': host,
  'package.host.binding.set-address-enabled': { ...host, internalPort: 80, address, enabled: false },
  'package.host.binding.set-range-address-enabled': { ...host, internalPort: 5000, address },
  'package.host.binding.set-gua-access': { ...host, internalPort: 80, address, access: 'lan' },
  'package.set-outbound-gateway': { package: id, gateway: 'wg0' },
  'package.stop': { id },
  'package.rebuild': { id },
  'package.backup.restore': { targetId: disk, password: PASSWORD, ids: [id] },
  'package.uninstall': { id },

  'server.time': {},
  'server.device-info': {},
  'server.metrics': {},
  'server.metrics.follow': {},
  'server.metrics.history': { range: 'hour' },
  'server.metrics.export.enable': {},
  'server.metrics.export.disable': {},
  'server.logs': logs,
  'server.logs.follow': logs,
  'server.kernel-logs': logs,
  'server.kernel-logs.follow': logs,
  'server.set-hostname': { name: 'Cellar Server' },
  'server.set-language': { language: 'de_DE' },
  'server.set-keyboard': keyboard,
  'server.set-smtp': { ...mail, password: 'the password of the mailbox' },
  'server.test-smtp': { ...mail, password: 'the password of the mailbox', to: 'me@example.com' },
  'server.clear-smtp': {},
  'server.set-echoip-urls': { urls: ['https://ipconfig.io/', 'https://ifconfig.co/'] },
  'server.experimental.zram': { enable: true },
  'server.experimental.governor': {},
  'server.update': { registry: REGISTRY },
  'server.update-firmware': {},
  'server.host.address.list': {},
  'server.host.address.domain.public.add': {
    fqdn: 'attic.example.com',
    gateway: 'eth0',
    internalPort: 80,
    acme: 'letsencrypt',
  },
  'server.host.address.domain.public.remove': { fqdn: 'attic.example.com' },
  'server.host.address.domain.private.add': { fqdn: 'attic.home.arpa', gateway: 'eth0' },
  'server.host.address.domain.private.remove': { fqdn: 'attic.home.arpa' },
  'server.host.binding.list': {},
  'server.host.binding.set-address-enabled': { internalPort: 80, address, enabled: false },
  'server.host.binding.set-range-address-enabled': { internalPort: 5000, address },
  'server.host.binding.set-gua-access': { internalPort: 80, address, access: 'lan' },

  'net.acme.init': { provider: 'letsencrypt', contact: ['me@example.com'] },
  'net.acme.remove': { provider: 'letsencrypt' },
  'net.dns.query': { fqdn: 'localhost' },
  'net.dns.set-static': { servers: ['1.1.1.1', '9.9.9.9'] },
  'net.dns.dump-table': {},
  'net.forward.dump-table': {},
  'net.ssl.generate-certificate': { hostnames: ['attic.home.arpa'] },
  'net.gateway.list': {},
  'net.gateway.set-name': { id: 'eth0', name: 'Home' },
  'net.gateway.check-port': { port: 443, gateway: 'eth0' },
  'net.gateway.check-dns': { gateway: 'eth0', fqdn: 'attic.home.arpa' },
  'net.gateway.set-default-outbound': { gateway: null },
  'net.gateway.forget': { gateway: 'eth7' },
  'net.tunnel.add': {
    name: 'My VPN',
    config:
      '[Interface]\nPrivateKey = …\nAddress = 10.9.0.2/24\n\n[Peer]\nPublicKey = …\nEndpoint = vpn.example.com:51820\n',
    setAsDefaultOutbound: false,
  },
  'net.tunnel.update': { id: 'wg0', config: '[Interface]\n…' },
  'net.tunnel.remove': { id: 'wg0' },
  'net.vhost.dump-table': {},
  'net.vhost.add-passthrough': {
    hostname: 'nas.example.com',
    'listen-port': 443,
    backend: '192.168.1.7:443',
    'public-gateway': ['eth0'],
    'private-ip': [],
  },
  'net.vhost.list-passthrough': {},
  'net.vhost.remove-passthrough': { hostname: 'nas.example.com', 'listen-port': 443 },

  'backup.target.cifs.add': { ...share, password: 'the password of the share' },
  'backup.target.cifs.update': { id: 'cifs-0', ...share, password: 'the password of the share' },
  'backup.target.list': {},
  'backup.create': { targetId: disk, password: PASSWORD },
  'backup.target.info': {
    targetId: disk,
    serverId: '7e3f1c2a-9b7d-4c11-8f36-0d5f1c7b2a90',
    password: PASSWORD,
  },
  'backup.target.mount': { targetId: disk, password: PASSWORD, allowPartial: false },
  'backup.target.umount': {},
  'backup.target.delete-legacy': { targetId: disk },
  'backup.target.cifs.remove': { id: 'cifs-0' },

  'disk.list': {},
  'disk.repair': {},
  'ssh.add': { key },
  'ssh.list': {},
  'ssh.remove': { fingerprint: 'f0:89:f9:f2:b0:32:14:a1:08:ef:4e:b1:b6:b5:ee:56' },
  'wifi.get': {},
  'wifi.available.get': {},
  'wifi.set-enabled': { enabled: true },
  'wifi.add': { ssid: 'My network', password: 'the password of the network' },
  'wifi.connect': { ssid: 'My network' },
  'wifi.remove': { ssid: 'My network' },
  'wifi.country.set': { country: 'DE' },
  'kiosk.enable': {},
  'kiosk.disable': {},

  'registry.info': { registry: REGISTRY },
  'registry.package.get': { registry: REGISTRY, id: 'nextcloud' },
  'registry.os.version.get': { registry: REGISTRY },

  'auth.reset-password': { oldPassword: PASSWORD, newPassword: 'another good password' },
  'diagnostic.disk.repair': {},
  'diagnostic.disk.forget': {},
  'server.rebuild': {},
  'server.restart': {},
  'server.shutdown': {},

  'init.subscribe': {},
  'init.logs': logs,
  'init.logs.follow': logs,
  'init.kernel-logs': logs,
  'init.kernel-logs.follow': logs,

  'diagnostic.error': {},
  'diagnostic.logs': logs,
  'diagnostic.logs.follow': logs,
  'diagnostic.kernel-logs': logs,
  'diagnostic.kernel-logs.follow': logs,
  'diagnostic.update': { registry: REGISTRY },
  'diagnostic.rebuild': {},
  'diagnostic.restart': {},
}

/** Calls after which the server may be gone, so that it is started anew. */
export const ENDING: readonly MethodName[] = [
  'setup.restart',
  'setup.shutdown',
  'diagnostic.disk.forget',
  'server.rebuild',
  'server.restart',
  'server.shutdown',
  'diagnostic.rebuild',
  'diagnostic.restart',
]
