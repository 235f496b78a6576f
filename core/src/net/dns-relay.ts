import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { TcpForward } from './tcp-forward.ts'

const PORT = 53
const MOST_PENDING = 1000
const PATIENCE_MS = 3000

/**
 * The name server that containers are told of: passes their questions on to the name servers of this machine, which
 * may well be ones that only the machine itself can reach (127.0.0.53). UDP and TCP (RFC 1035, RFC 7766).
 */
export class DnsRelay {
  readonly #udp: Socket
  readonly #tcp: TcpForward | null
  readonly #pending = new Set<Socket>()
  #closed = false

  private constructor(udp: Socket, tcp: TcpForward | null) {
    this.#udp = udp
    this.#tcp = tcp
    udp.on('message', (question, from) => void this.#relay(question, from))
    // A socket error of one answer must not end the relay.
    udp.on('error', () => undefined)
  }

  /** Rejects when the address cannot be listened on. */
  static async listen(address: string): Promise<DnsRelay> {
    const udp = createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject)
      udp.bind(PORT, address, () => {
        udp.off('error', reject)
        resolve()
      })
    })
    const [first] = await nameServers()
    const tcp = first ? await TcpForward.listen(address, PORT, { host: first, port: PORT }) : null
    return new DnsRelay(udp, tcp)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#udp.close()
    for (const socket of this.#pending) socket.close()
    this.#pending.clear()
    await this.#tcp?.close()
  }

  async #relay(question: Buffer, from: RemoteInfo): Promise<void> {
    if (question.length < 12 || this.#pending.size >= MOST_PENDING) return
    const answer = await this.#askAll(question)
    // Nobody answered: SERVFAIL at once is kinder than silence.
    if (!this.#closed) this.#udp.send(answer ?? failure(question), from.port, from.address, () => undefined)
  }

  /** The first answer that any of the machine's name servers gives. */
  async #askAll(question: Buffer): Promise<Buffer | null> {
    for (const server of await nameServers()) {
      if (this.#closed) return null
      const answer = await this.#ask(server, question)
      if (answer) return answer
    }
    return null
  }

  /** A socket for each question: a port that nobody can guess, and no answers mixed up. */
  #ask(server: string, question: Buffer): Promise<Buffer | null> {
    const socket = createSocket(isIP(server) === 6 ? 'udp6' : 'udp4')
    this.#pending.add(socket)
    return new Promise((resolve) => {
      const end = (answer: Buffer | null): void => {
        clearTimeout(timer)
        if (this.#pending.delete(socket)) socket.close()
        resolve(answer)
      }
      const timer = setTimeout(() => end(null), PATIENCE_MS)
      socket.on('error', () => end(null))
      socket.on('close', () => end(null))
      socket.on('message', (answer) => {
        if (answer.length >= 12 && answer.readUInt16BE(0) === question.readUInt16BE(0)) end(answer)
      })
      socket.connect(PORT, server, () => socket.send(question, (error) => error && end(null)))
    })
  }
}

/** Turns a question into the answer “server failure” (RFC 1035 §4.1.1). */
function failure(question: Buffer): Buffer {
  const answer = Buffer.from(question)
  answer[2] = (answer[2] ?? 0) | 0x80
  answer[3] = 0x82
  return answer
}

/** The machine's name servers, read each time: they change when it moves to another network. */
async function nameServers(): Promise<string[]> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '')
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)]
    .map(([, server = '']) => server)
    .filter((server) => isIP(server) !== 0)
    .slice(0, 3)
}
