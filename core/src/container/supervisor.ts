import { createConnection, type Socket } from 'node:net'
import { constants } from 'node:os'
import { z } from 'zod'
import type { ContainerExit } from './contract.ts'

const Event = z.discriminatedUnion('event', [
  z.object({ event: z.literal('running'), init: z.number().int() }),
  z.object({
    event: z.literal('exited'),
    code: z.number().int().nullable(),
    signal: z.number().int().nullable(),
  }),
])

const UNSEEN: ContainerExit = { code: null, signal: null }

/**
 * The line to the process that keeps one container (build/native/supervise.c). That process outlives this one;
 * connecting again is how a new daemon adopts a running container.
 */
export class Supervisor {
  /** Host id of the container's init; rejects when the container ended before it ran. */
  readonly running: Promise<number>
  readonly exited: Promise<ContainerExit>
  readonly #socket: Socket
  #released = false

  private constructor(socket: Socket) {
    const running = Promise.withResolvers<number>()
    const exited = Promise.withResolvers<ContainerExit>()
    this.running = running.promise
    this.running.catch(() => undefined) // whoever waits for it hears of it; nobody has to
    this.exited = exited.promise
    this.#socket = socket
    let pending = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\n')
      pending = lines.pop() ?? ''
      for (const event of lines.map((line) => Event.parse(JSON.parse(line)))) {
        if (event.event === 'running') running.resolve(event.init)
        else exited.resolve({ code: event.code, signal: nameOf(event.signal) })
      }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      if (this.#released) return
      exited.resolve(UNSEEN)
      running.reject(new Error('the container ended before it ran'))
    })
  }

  /** Null when nothing listens there: the container does not run. */
  static async connect(path: string): Promise<Supervisor | null> {
    const socket = createConnection(path)
    const connected = new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    const supervisor = new Supervisor(socket)
    return (await connected) ? supervisor : null
  }

  /** SIGTERM to the container's init. */
  terminate(): void {
    this.#socket.write('T')
  }

  /** SIGKILL to the container's init, and so to everything inside. */
  kill(): void {
    this.#socket.write('K')
  }

  /** Lets go without ending the container; `exited` stays open then. */
  close(): void {
    this.#released = true
    this.#socket.destroy()
  }
}

function nameOf(signal: number | null): string | null {
  if (signal === null) return null
  return Object.entries(constants.signals).find(([, value]) => value === signal)?.[0] ?? `SIG${signal}`
}
