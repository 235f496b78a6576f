import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { WebSocket } from 'ws'
import { firstDocument, openDatabase } from '../src/db/index.ts'
import { dbHandlers } from '../src/api/db.ts'
import { HttpServer } from '../src/rpc/http-server.ts'
import { MethodTable } from '../src/rpc/handlers.ts'
import { echoHandlers } from '../src/api/top.ts'
import { authFigures } from './auth.ts'
import { cliFigures } from './cli.ts'
import { idleFigures } from './idle.ts'
import { logFigures } from './logs.ts'

/** One measured figure, against a named baseline of the same run. */
export interface BenchLine {
  part: string
  figure: string
  value: number
  goal: number | null
  baseline: string
  ok: boolean | null
}

const ROUNDS = 5
const REQUESTS = 4000
const CONNECTIONS = 4
const PIPELINED = 20
const MUTATIONS = 200

/** What calls, logins and logs cost, how long a change takes to reach a browser, and what a server takes that is idle. */
export async function bench(): Promise<BenchLine[]> {
  return [
    await echoShare(),
    await changeLatency(),
    ...(await authFigures()),
    ...(await logFigures()),
    ...(await cliFigures()),
    ...(await idleFigures()),
  ]
}

async function echoShare(): Promise<BenchLine> {
  const http = new HttpServer({ web: null })
  const own = await http.listen('127.0.0.1', 0)
  http.serve({
    name: 'running',
    methods: MethodTable.partial(echoHandlers),
    gate: null,
    fence: null,
    identify: () => ({ kind: 'anonymous', session: null }),
    hostNames: () => new Set(),
    packageFiles: null,
    onError: () => undefined,
  })
  const bare = Fastify()
  bare.post('/rpc/v1', (request) => {
    const { id, params } = request.body as { id: number; params: { message: string } }
    return { jsonrpc: '2.0', result: params.message, id }
  })
  await bare.listen({ host: '127.0.0.1', port: 0 })
  const bareAddress = bare.server.address()
  const barePort = typeof bareAddress === 'object' && bareAddress ? bareAddress.port : 0
  try {
    await callsPerSecond(barePort)
    await callsPerSecond(own.port)
    const ratios: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const reference = await callsPerSecond(barePort)
      ratios.push((await callsPerSecond(own.port)) / reference)
    }
    const value = median(ratios)
    const goal = 0.5
    return {
      part: 'api',
      figure: 'echo calls per second',
      value,
      goal,
      baseline: 'bare fastify with the same answer',
      ok: value >= goal,
    }
  } finally {
    await http.close()
    await bare.close()
  }
}

async function callsPerSecond(port: number): Promise<number> {
  const start = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, () => pipeline(port, REQUESTS / CONNECTIONS)))
  return REQUESTS / ((performance.now() - start) / 1000)
}

/** Sends calls in groups over one connection, so that the client costs little beside the server. */
function pipeline(port: number, total: number): Promise<void> {
  const body = '{"id":1,"method":"echo","params":{"message":"hello"}}'
  const call = `POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const group = call.repeat(PIPELINED)
  return new Promise((resolve, reject) => {
    let answered = 0
    const socket = connect(port, '127.0.0.1', () => socket.write(group))
    socket.on('error', reject)
    socket.on('data', (data) => {
      answered += data.toString('latin1').split('HTTP/1.1 200').length - 1
      if (answered >= total) {
        socket.destroy()
        resolve()
      } else if (answered % PIPELINED === 0) socket.write(group)
    })
  })
}

async function changeLatency(): Promise<BenchLine> {
  const data = await mkdtemp(join(tmpdir(), 'startd-bench-'))
  const opened = await openDatabase(data, () => undefined)
  const names = { name: 'Bench', hostname: 'bench', passwordHash: '' }
  const db = await opened.seed(firstDocument({ ...names, kiosk: null, language: null }))
  const http = new HttpServer({ web: null })
  try {
    const { port } = await http.listen('127.0.0.1', 0)
    const subscribe = dbHandlers(db, http.continuations)['db.subscribe']
    const call = {
      kind: 'local',
      session: null,
      userAgent: null,
      address: '',
      setCookie: () => undefined,
    } as const
    const { guid } = subscribe({ pointer: '/public' }, call)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/rpc/${guid}`)
    await new Promise((resolve) => socket.once('open', resolve))
    const times: number[] = []
    for (let score = 1; score <= MUTATIONS; score++) {
      const arrived = new Promise((resolve) => socket.once('message', resolve))
      const start = performance.now()
      const written = db.mutate((draft) => {
        draft.public.ui.snakeHighScore = score
      })
      await arrived
      times.push(performance.now() - start)
      await written
    }
    socket.terminate()
    const value = median(times)
    const goal = 10
    return {
      part: 'api',
      figure: 'change of the state to the browser, milliseconds',
      value,
      goal,
      baseline: 'loopback, with the write to disk',
      ok: value <= goal,
    }
  } finally {
    await http.close()
    await opened[Symbol.asyncDispose]()
    await rm(data, { recursive: true })
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
