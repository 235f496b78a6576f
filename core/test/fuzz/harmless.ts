import type { MethodName } from '@startd/base/rpc/contract.ts'

/** Parameters that reach out to nobody but this machine. */
export function harmless(name: MethodName, params: unknown): unknown {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return params
  const aim: Record<string, unknown> = AIMS[name] ?? {}
  const given = Object.entries(aim).filter(([key]) => isText(params, key) || typeof aim[key] === 'number')
  return { ...params, ...Object.fromEntries(given) }
}

/** Where methods that use the network go instead of anywhere. */
const AIMS: { readonly [M in MethodName]?: Record<string, unknown> } = {
  'net.dns.query': { fqdn: 'localhost' },
  'server.test-smtp': { host: '127.0.0.1', port: 1 },
}

function isText(params: object, key: string): boolean {
  return typeof (params as Record<string, unknown>)[key] === 'string'
}
