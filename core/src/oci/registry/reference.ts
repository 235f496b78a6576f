import { CodedError } from '@startd/base/errors.ts'
import { Digest } from '../digest.ts'

/** The name of an image in a registry, as `docker pull` takes it. */
export interface Reference {
  /** Host and port. */
  host: string
  repository: string
  tag: string | null
  digest: Digest | null
}

const HUB = 'docker.io'
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const HOST = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(:\d{1,5})?$/

/**
 * Reads `nginx`, `nginx:1.27`, `ghcr.io/owner/name:tag`, `localhost:5000/name@sha256:…` and the like. Without a
 * host it is Docker Hub's, without tag and digest it is `latest`; a digest outweighs a tag.
 */
export function parseReference(text: string): Reference {
  const [name = '', printed, ...more] = text
    .trim()
    .replace(/^docker:\/\//, '')
    .split('@')
  const digest = printed === undefined ? null : Digest.safeParse(printed)
  const found = /^(.*?)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?$/.exec(name)
  const [, path = '', tag = null] = found ?? []
  const parts = path.split('/')
  const first = parts[0] ?? ''
  const hasHost = parts.length > 1 && (/[.:[]/.test(first) || first === 'localhost')
  const host = hasHost ? (parts.shift() ?? HUB) : HUB
  if (host === HUB && parts.length === 1) parts.unshift('library')
  const isValid =
    parts.every((part) => COMPONENT.test(part)) &&
    HOST.test(host) &&
    (digest?.success ?? true) &&
    more.length === 0
  if (!isValid || found === null || parts.length === 0 || text.length > 1000) {
    throw new CodedError(
      'InvalidRequest',
      `“${text.slice(0, 200)}” is no image name such as docker.io/library/nginx:1.27 or host:5000/name@sha256:…`,
    )
  }
  const known = digest?.data ?? null
  return {
    host: host === 'index.docker.io' ? HUB : host,
    repository: parts.join('/'),
    tag: known === null ? (tag ?? 'latest') : tag,
    digest: known,
  }
}

export function printReference({ host, repository, tag, digest }: Reference): string {
  return `${host}/${repository}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`
}

/** Where the registry of a reference answers. Docker Hub's has a name of its own. */
export function endpointOf({ host }: Reference, insecure: boolean): URL {
  const name = host === HUB ? 'registry-1.docker.io' : host
  return new URL(`${insecure || isLoopback(host) ? 'http' : 'https'}://${name}`)
}

/** What stays on this machine needs no encryption, as container engines see it. */
function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host)
}
