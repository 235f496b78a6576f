/** What a well-known protocol means for its port (sdk.md §9.1). */
interface KnownProtocol {
  secure: { ssl: boolean } | null
  defaultPort: number
  /** The same protocol inside TLS. */
  withSsl: Protocol | null
  alpn: { specified: string[] } | null
  addXForwardedHeaders: boolean
}

export type Protocol = 'http' | 'https' | 'ws' | 'wss' | 'ssh' | 'dns'

const HTTP_1 = { specified: ['http/1.1'] }

export const KNOWN_PROTOCOLS: Record<Protocol, KnownProtocol> = {
  http: { secure: null, defaultPort: 80, withSsl: 'https', alpn: HTTP_1, addXForwardedHeaders: true },
  https: {
    secure: { ssl: true },
    defaultPort: 443,
    withSsl: 'https',
    alpn: null,
    addXForwardedHeaders: true,
  },
  ws: { secure: null, defaultPort: 80, withSsl: 'wss', alpn: HTTP_1, addXForwardedHeaders: true },
  wss: { secure: { ssl: true }, defaultPort: 443, withSsl: 'wss', alpn: null, addXForwardedHeaders: true },
  ssh: { secure: { ssl: false }, defaultPort: 22, withSsl: null, alpn: null, addXForwardedHeaders: false },
  dns: { secure: { ssl: false }, defaultPort: 53, withSsl: null, alpn: null, addXForwardedHeaders: false },
}
