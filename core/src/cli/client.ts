import { CodedError, RPC_CODES, type RpcErrorObject } from '@startd/base/errors.ts'
import type { MethodName, Params, Result } from '@startd/base/rpc/contract.ts'
import { JSONRPCClient, JSONRPCErrorException, type JSONRPCRequest, type JSONRPCResponse } from 'json-rpc-2.0'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { CookieJar, type Proof } from './cookie-jar.ts'
import { closedWith, RemoteError } from './failure.ts'
import { sendFile } from './send-file.ts'
import type { Settings } from './settings.ts'

/** Where a call leaves the error of its connection, which the library would turn into an answer of the server. */
interface Transport {
  failure: Error | null
}

/** Talks to one server. */
export class Client {
  readonly host: string
  readonly #jar: CookieJar
  readonly #local: string | null
  readonly #rpc: JSONRPCClient<Transport>

  constructor(settings: Pick<Settings, 'host' | 'cookiePath' | 'local'>) {
    this.host = settings.host
    this.#jar = new CookieJar(settings.cookiePath)
    this.#local = settings.local
    this.#rpc = new JSONRPCClient((request: JSONRPCRequest, transport) => this.#send(request, transport))
  }

  /** Calls a method; throws what the server answers as error. */
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    return this.callAny(method, params) as Promise<Result<M>>
  }

  /** As `call`, for a method that is only known at run time. */
  async callAny(method: MethodName, params: unknown): Promise<unknown> {
    const transport: Transport = { failure: null }
    try {
      return await this.#rpc.request(method, params as Record<string, unknown>, transport)
    } catch (error) {
      if (transport.failure) throw transport.failure
      if (!(error instanceof JSONRPCErrorException)) throw error
      const answer = { code: error.code, message: error.message, data: error.data as unknown }
      throw new RemoteError(
        answer.code === RPC_CODES.methodNotFound ? await this.#explainMissing(answer) : answer,
      )
    }
  }

  /** Whether the secret of this very machine opens the server, so that no password is needed. */
  get isLocal(): boolean {
    return this.#local !== null
  }

  /** Keeps or forgets the login for later commands. */
  keepSession(session: string | null): Promise<void> {
    return this.#jar.keep(this.host, session === null ? null : { session })
  }

  /** How this user is logged in here; null for not at all. */
  proof(): Promise<Proof | null> {
    return this.#jar.proof(this.host)
  }

  keepProof(proof: Proof | null): Promise<void> {
    return this.#jar.keep(this.host, proof)
  }

  /** Sends a file to the address that `guid` stands for. Throws what the server says of it. */
  async upload(guid: string, file: string): Promise<void> {
    const url = new URL(`/rest/rpc/${guid}`, this.host)
    const { status, text } = await sendFile(url, file).catch((error: unknown) => this.#unreachable(error))
    if (status >= 200 && status < 300) return
    throw status === 400 ? closedWith(text) : new CodedError('Network', text)
  }

  /** The values of a stream until it ends well; throws its error. */
  async *follow<T>(guid: string): AsyncGenerator<T> {
    const socket = new WebSocket(`${this.host.replace(/^http/, 'ws')}/ws/rpc/${guid}`)
    const waiting: T[] = []
    let end: { error: Error | null } | null = null
    let wake = Promise.withResolvers<void>()
    const finish = (error: Error | null) => {
      end ??= { error }
      wake.resolve()
    }
    socket.on('message', (data: Buffer) => {
      waiting.push(JSON.parse(data.toString()) as T)
      wake.resolve()
    })
    socket.on('error', (error) => finish(new CodedError('Network', error.message, { cause: error })))
    socket.on('close', (code, reason) => finish(code === 1000 ? null : endOf(code, reason.toString())))
    try {
      for (;;) {
        yield* waiting.splice(0)
        const ended = end as { error: Error | null } | null
        if (ended?.error) throw ended.error
        if (ended) return
        await wake.promise
        wake = Promise.withResolvers()
      }
    } finally {
      socket.terminate()
    }
  }

  /** A method that is missing is mostly one of another stage of the server's life: says which stage this is. */
  async #explainMissing(answer: RpcErrorObject): Promise<RpcErrorObject> {
    const [state, setup] = await Promise.all([this.#ask('state'), this.#ask('setup.status')])
    const stage = STAGES[setup === undefined ? String(state) : 'setup']
    return stage === undefined ? answer : { ...answer, message: stage[0], data: stage[1] }
  }

  /** The result of a method that anybody may call; undefined where the server has none. */
  async #ask(method: MethodName): Promise<unknown> {
    const response = await this.#fetch('/rpc/v1', {
      method: 'POST',
      body: JSON.stringify({ method, params: {} }),
    })
    return z.object({ result: z.unknown().optional() }).parse(await response.json()).result
  }

  async #send(request: JSONRPCRequest, transport: Transport): Promise<void> {
    try {
      await this.#post(request)
    } catch (error) {
      transport.failure = error instanceof Error ? error : new Error(String(error))
      throw error
    }
  }

  async #post(request: JSONRPCRequest): Promise<void> {
    const body = JSON.stringify(request)
    const response = await this.#fetch('/rpc/v1', {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'start-cli',
        ...(await this.#proof(body)),
      },
    })
    if (!response.ok)
      throw new CodedError('Network', `${this.host} answered ${response.status}: ${await response.text()}`)
    if (!(response.headers.get('content-type') ?? '').startsWith('application/json')) {
      throw new CodedError('Network', `What answers at ${this.host} is not this kind of server`)
    }
    // The server answers some errors without the id (rpc.md §4); one request has one answer, so it is known.
    this.#rpc.receive({ ...((await response.json()) as JSONRPCResponse), id: request.id ?? null })
  }

  async #proof(body: string): Promise<Record<string, string>> {
    if (this.#local !== null) return { cookie: `local=${this.#local}` }
    const proof = await this.proof()
    if (proof === null) return {}
    return 'key' in proof ? signed(body, this.host, proof.key) : { cookie: `session=${proof.session}` }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    return await fetch(`${this.host}${path}`, init).catch((error: unknown) =>
      this.#unreachable(error instanceof Error ? error.cause : error, error),
    )
  }

  #unreachable(reason: unknown, cause: unknown = reason): never {
    if (reason instanceof CodedError) throw reason
    const text = reason instanceof Error && reason.message !== '' ? reason.message : String(cause)
    throw new CodedError(
      'Network',
      `Nothing answers at ${this.host} (${text}). Is startd running? On the server, “npm run up” in its folder starts it; another address is given with --host.`,
      { cause },
    )
  }
}

/** What to say of a server that is in another stage, and what to do then. */
const STAGES: Record<string, readonly [string, string]> = {
  setup: [
    'This server is not set up yet',
    'open its page in a browser first, or use “start-cli setup execute”',
  ],
  initializing: [
    'The server is still starting',
    'try again soon, or watch it with “start-cli init subscribe”',
  ],
  error: ['The server could not start', '“start-cli diagnostic error” says why'],
}

function endOf(code: number, reason: string): Error {
  if (code === 1011) return closedWith(reason)
  return new CodedError('Network', 'The server has ended the connection')
}

/** Loaded where it is used: most commands sign nothing. */
async function signed(body: string, host: string, keyPath: string): Promise<Record<string, string>> {
  const [{ readKeyFile }, { SIGNATURE_HEADER, signRequest }] = await Promise.all([
    import('../s9pk/key-files.ts'),
    import('../s9pk/publish/request-signature.ts'),
  ])
  const seed = await readKeyFile(keyPath)
  const context = new URL(host).hostname
  return { [SIGNATURE_HEADER]: signRequest(Buffer.from(body), { seed, context }) }
}
