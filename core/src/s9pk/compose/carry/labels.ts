import type { ServiceContext } from './context.ts'

/** What a service tells a proxy about itself. */
export interface ProxyHint {
  /** Where its page is; null when only that it has one is known. */
  port: number | null
}

const PORT = /^traefik\.http\.services\.[^.]+\.loadbalancer\.server\.port$/
const ROUTE = /^traefik\.http\.routers\.|^caddy$|^caddy\./

/** `labels`, and the variables of nginx-proxy: they tell which port has the page. */
export function carryLabels(context: ServiceContext): ProxyHint | null {
  const { labels, environment } = context.service
  let hint: ProxyHint | null = null
  for (const [name, value] of labels ?? []) {
    const off = name === 'traefik.enable' && value === 'false'
    if (off) hint = null
    else if (PORT.test(name) && value !== null)
      hint = { port: Number(context.fixed(['labels', name], value)) || null }
    else if (ROUTE.test(name)) {
      const upstream = /upstreams (\d+)/.exec(value ?? '')?.[1]
      hint ??= { port: upstream === undefined ? null : Number(upstream) }
    }
  }
  if (labels) {
    const meaning = hint?.port
      ? `They say that the page is on port ${hint.port}. Otherwise labels have no effect here: the server itself gives services their addresses and certificates.`
      : 'Labels have no effect here: the server itself gives services their addresses and certificates.'
    context.list('none', ['labels'], meaning)
  }
  const virtual = environment?.get('VIRTUAL_PORT')
  if (!hint && (virtual || environment?.has('VIRTUAL_HOST'))) hint = { port: Number(virtual) || null }
  return hint
}
