import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { totalmem } from 'node:os'
import type { Database, Host, KeyboardOptions, PublicModel } from '@startd/base/model.ts'
import { MODEL_VERSION } from './version.ts'

/** What the owner has chosen at first boot. */
export interface Account {
  name: string
  hostname: string
  /** PHC string. */
  passwordHash: string
  kiosk: boolean | null
  language: string | null
  keyboard?: KeyboardOptions | null
}

/** The first document of a server (db-model.md §8). Certificates follow with the network. */
export function firstDocument(account: Account): Database {
  const developer = generateKeyPairSync('ed25519')
  return {
    public: {
      serverInfo: {
        id: randomUUID(),
        name: account.name,
        hostname: account.hostname,
        version: MODEL_VERSION,
        packageVersionCompat: `>=0.3.0:0 <=${MODEL_VERSION}:0`,
        postInitMigrationTodos: {},
        lastBackup: null,
        network: {
          wifi: { enabled: false, interface: null, ssids: [], selected: null, lastRegion: null },
          host: serverHost(),
          gateways: {},
          acme: { 'https://acme-v02.api.letsencrypt.org/directory': { contact: [] } },
          dns: { dhcpServers: [], staticServers: null },
          defaultOutbound: null,
          passthroughs: [],
        },
        statusInfo: idleStatus(),
        unreadNotificationCount: 0,
        passwordHash: account.passwordHash,
        pubkey: '',
        caFingerprint: '',
        ntpSynced: false,
        zram: false,
        governor: null,
        smtp: null,
        echoipUrls: ['https://ipconfig.io/', 'https://ifconfig.co/'],
        ram: totalmem(),
        devices: [],
        kiosk: account.kiosk,
        language: account.language,
        keyboard: account.keyboard ?? null,
      },
      packageData: {},
      ui: {
        registries: {
          'https://registry.start9.com/': 'Start9 Registry',
          'https://community-registry.start9.com/': 'Community Registry',
        },
        startosRegistry: 'https://registry.start9.com/',
        snakeHighScore: 0,
        hiddenUpdates: {},
      },
    },
    private: {
      keyStore: {
        localCerts: { rootKey: '', rootCert: '', intKey: '', intCert: '', leaves: {} },
        acme: { accounts: {}, certs: {} },
      },
      password: account.passwordHash,
      authPubkeys: [developer.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
      developerKey: developer.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      sshPrivkey: '',
      sshPubkeys: {},
      availablePorts: { '80': false, '443': true },
      sessions: {},
      notifications: {},
      cifs: {},
      packageStores: {},
    },
  }
}

/** The status at every start: nothing is under way. */
export function idleStatus(): PublicModel['serverInfo']['statusInfo'] {
  return { backupProgress: null, updateProgress: null, shuttingDown: false, restarting: false, restart: null }
}

function serverHost(): Host {
  return {
    bindings: {
      '80': {
        enabled: false,
        options: {
          preferredExternalPort: 80,
          addSsl: {
            preferredExternalPort: 443,
            addXForwardedHeaders: false,
            alpn: { specified: ['h2', 'http/1.1'] },
            upstreamCertValidation: null,
            auth: null,
          },
          secure: null,
        },
        net: { assignedPort: null, assignedSslPort: 443 },
        addresses: { enabled: [], disabled: [], guaAccess: {}, available: [] },
        interfaces: {},
      },
    },
    bindingRanges: {},
    publicDomains: {},
    privateDomains: {},
    portForwards: [],
  }
}

/** The network name that fits a name for people; a random one if too little of it is left. */
export function hostnameFor(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '')
  return slug.length < 4 ? `startd-${randomBytes(2).toString('hex')}` : slug
}

/** `attic-server` → `Attic Server`. */
export function nameFor(hostname: string): string {
  return hostname
    .split('-')
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}
