import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTls } from 'node:tls'
import { once } from 'node:events'

/** A listener on a free port, with its connections. */
export class Front implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    })
  }

  /** Takes connections and never says a word. */
  static silent(): Promise<Front> {
    return Front.#listen(createTcp(() => undefined))
  }

  /** TLS in front of a plain port of this machine; the certificate is its own authority. */
  static tls(port: number, { key, certificate }: CertificateFiles): Promise<Front> {
    const options = { key: readFileSync(key), cert: readFileSync(certificate) }
    const server = createTls(options, (socket) => {
      const inner = connect(port, '127.0.0.1')
      socket.on('error', () => inner.destroy()).pipe(inner)
      inner.on('error', () => socket.destroy()).pipe(socket)
    })
    return Front.#listen(server.on('tlsClientError', () => undefined))
  }

  static async #listen(server: Server): Promise<Front> {
    const front = new Front(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return front
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

export interface CertificateFiles {
  key: string
  certificate: string
}

/** A certificate for `localhost` that vouches for itself. */
export function makeCertificate(directory: string): CertificateFiles {
  const files = { key: join(directory, 'key.pem'), certificate: join(directory, 'certificate.pem') }
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const out = ['-keyout', files.key, '-out', files.certificate, '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...algorithm, ...names, ...out], { stdio: 'ignore' })
  return files
}
