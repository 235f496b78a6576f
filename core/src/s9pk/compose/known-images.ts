import { capital, idOf } from './names.ts'

/** What is known of widespread images: where they listen, and whether people or only other services use them. */
export interface KnownImage {
  title: string
  /** A database, queue or cache. */
  infrastructure: boolean
  /** Ports that it listens on unless it is told otherwise. */
  ports: readonly number[]
  /** Its page, if it has one. */
  page: number | null
}

const base = (title: string, ...ports: number[]) => ({ title, infrastructure: true, ports, page: null })
const app = (title: string, page: number, ...ports: number[]) => ({
  title,
  infrastructure: false,
  ports: [page, ...ports],
  page,
})

const KNOWN: readonly (readonly [RegExp, KnownImage])[] = [
  [/postgres|postgis|pgvector|pgvecto|timescaledb/, base('Database', 5432)],
  [/mariadb|mysql|percona/, base('Database', 3306)],
  [/mongo(db)?($|-)/, base('Database', 27017)],
  [/(^|-)(redis|valkey|keydb|dragonfly)($|-)/, base('Cache', 6379)],
  [/memcached/, base('Cache', 11211)],
  [/rabbitmq/, base('Queue', 5672, 15672)],
  [/(^|-)nats($|-)/, base('Queue', 4222)],
  [/elasticsearch|opensearch$/, base('Search', 9200)],
  [/meilisearch/, base('Search', 7700)],
  [/typesense/, base('Search', 8108)],
  [/gotenberg/, base('Document converter', 3000)],
  [/(^|-)tika($|-)/, base('Text extractor', 9998)],
  [/browserless|chrome$/, base('Browser', 3000)],
  [/clickhouse/, base('Database', 8123, 9000)],
  [/influxdb/, base('Database', 8086)],
  [/minio/, base('Object storage', 9000)],
  [/immich-machine-learning/, base('Machine learning', 3003)],
  [/immich-server/, app('Immich', 2283)],
  [/vaultwarden/, app('Vaultwarden', 80)],
  [/jellyfin/, app('Jellyfin', 8096)],
  [/gitea|forgejo/, app('Git server', 3000, 22)],
  [/home-assistant|homeassistant/, app('Home Assistant', 8123)],
  [/nextcloud/, app('Nextcloud', 80)],
  [/wordpress/, app('WordPress', 80)],
  [/paperless/, app('Paperless', 8000)],
  [/uptime-kuma/, app('Uptime Kuma', 3001)],
  [/grafana/, app('Grafana', 3000)],
  [/ghost$/, app('Ghost', 2368)],
  [/nginx|caddy|httpd|apache/, app('Web server', 80)],
  [/plex/, app('Plex', 32400)],
]

/** Knowledge of an image by its reference; a title of its own for one that is not known. */
export function knownImage(reference: string): KnownImage & { known: boolean } {
  const name = repositoryName(reference)
  const found = KNOWN.find(([pattern]) => pattern.test(name))
  if (found) return { ...found[1], known: true }
  return {
    title: capital(idOf(name).replaceAll('-', ' ')),
    infrastructure: false,
    ports: [],
    page: null,
    known: false,
  }
}

/** `ghcr.io/org/name:1.2@sha256:…` → `name`; the organisation tells more where the name is `server` or `app`. */
export function repositoryName(reference: string): string {
  const path = (reference.split(/[@ ]/)[0] ?? '').replace(/:[^:/]*$/, '').toLowerCase()
  const parts = path.split('/')
  const name = parts.at(-1) ?? ''
  const owner = parts.at(-2)
  return owner && /^(server|app|web|api|core|main|backend|frontend)$/.test(name) ? `${owner}-${name}` : name
}

/** A web server that only stands before the application. */
export function isProxy(reference: string): boolean {
  return /^(nginx|caddy|httpd|apache|traefik|haproxy|envoy|nginx-unprivileged)$/.test(
    repositoryName(reference),
  )
}

/** The tag; null for none. */
export function tagOf(reference: string): string | null {
  return /:([^:/@]+)(@|$)/.exec(reference)?.[1] ?? null
}
