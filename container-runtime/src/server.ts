import { rm } from 'node:fs/promises'
import { type Server, type Socket, createServer } from 'node:net'
import { LineReader } from '@startd/base/lines.ts'
import { JSONRPC, JSONRPCServer, type JSONRPCResponse } from 'json-rpc-2.0'
import { MissingMethod, ProcedureError, RequestError, methodNotFound, toRpcError } from './errors.ts'
import { METHODS, checkParams } from './requests.ts'
import type { Runtime } from './runtime.ts'

export interface ServerEvents {
  /** A request has been served. */
  readonly onAnswered: () => void
  /** The package has undone its initialisation, and the host has been told. */
  readonly onExited: () => void
}

/** Serves the host's calls on a unix socket, one JSON object a line both ways (service-runtime.md §4). */
export async function serve(runtime: Runtime, path: string, events: ServerEvents): Promise<Server> {
  const rpc = dispatcher(runtime)
  const server = createServer((socket) => {
    const lines = new LineReader()
    const answer = async (line: string): Promise<void> => {
      const response = await respond(rpc, line)
      const done = (): void => {
        events.onAnswered()
        if (runtime.exited) events.onExited()
      }
      if (response && socket.writable) socket.write(`${JSON.stringify(response)}\n`, done)
      else done()
    }
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const line of lines.push(chunk)) answer(line).catch((error: unknown) => fail(socket, error))
      } catch (error) {
        fail(socket, error)
      }
    })
    socket.on('error', (error) => console.error('a connection from the server broke:', error.message))
  })
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return server
}

function fail(socket: Socket, error: unknown): void {
  console.error('a connection from the server was closed:', error)
  socket.destroy()
}

function dispatcher(runtime: Runtime): JSONRPCServer {
  const rpc = new JSONRPCServer({
    // The service's log is where a packager looks first.
    errorListener: (_, error: unknown) =>
      console.error(error instanceof ProcedureError ? error.cause : error),
  })
  const handlers: Record<(typeof METHODS)[number], (params: unknown) => unknown> = {
    init: (params) => {
      const { id, kind } = checkParams('init', params)
      return runtime.init(id, kind).then(() => null)
    },
    start: () => runtime.start(),
    stop: () => runtime.stop(),
    exit: (params) => {
      const { id, target } = checkParams('exit', params)
      return runtime.exit(id, target)
    },
    execute: (params) => runtime.execute(checkParams('execute', params)),
    sandbox: (params) => runtime.execute(checkParams('sandbox', params)),
    callback: (params) => {
      const { id, args } = checkParams('callback', params)
      runtime.callback(id, args)
    },
  }
  for (const method of METHODS) rpc.addMethod(method, async (params: unknown) => handlers[method](params))
  rpc.mapErrorToJSONRPCErrorResponse = (id, error) => ({ jsonrpc: JSONRPC, id, error: toRpcError(error) })
  rpc.handleMethodNotFound = ({ id, method }) =>
    Promise.resolve({ jsonrpc: JSONRPC, id: id ?? null, error: methodNotFound(method) })
  return rpc
}

/** The answer to one line; null for a callback, which is the only notification. */
async function respond(rpc: JSONRPCServer, line: string): Promise<JSONRPCResponse | null> {
  let request: unknown
  try {
    request = JSON.parse(line)
  } catch (error) {
    return failure(
      null,
      new RequestError(`not JSON: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
  if (request === null || typeof request !== 'object' || Array.isArray(request)) {
    return failure(null, new RequestError('a request must be an object'))
  }
  const { id = null, method, params } = request as Record<string, unknown>
  const knownId = typeof id === 'string' || typeof id === 'number' ? id : null
  if (typeof method !== 'string') return failure(knownId, new MissingMethod(line.slice(0, 1000)))
  const answered = method === 'callback' && knownId === null ? {} : { id: knownId }
  return rpc.receive({ jsonrpc: JSONRPC, method, params, ...answered })
}

function failure(id: string | number | null, error: Error): JSONRPCResponse {
  return { jsonrpc: JSONRPC, id, error: toRpcError(error) }
}
