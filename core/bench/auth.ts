import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstDocument, openDatabase, type ServerDb, sessionStore } from '../src/db/index.ts'
import { LoginLimiter } from '../src/rpc/login-limiter.ts'
import { Sessions, sessionId } from '../src/rpc/sessions.ts'
import type { BenchLine } from './api.ts'

const MANY = 10_000
const ROUNDS = 15
const LOOKUPS = 5000
const ATTEMPTS = 5000
/** Between two attempts, so that what all clients together may try is never used up. */
const PACE_MS = 1100

/** Whether a login costs the same however many there are: each figure is the speed with one, kept with 10,000. */
export async function authFigures(): Promise<BenchLine[]> {
  return [...(await sessionFigures()), limiterFigure()]
}

async function sessionFigures(): Promise<BenchLine[]> {
  await using one = await server(1)
  await using many = await server(MANY)
  const lookups = ({ sessions, tokens }: Server) =>
    timed(() => {
      for (let i = 0; i < LOOKUPS; i++) sessions.check(tokens[(i * 7919) % tokens.length]!)
    })
  const misses = ({ sessions }: Server) =>
    timed(() => {
      for (let i = 0; i < LOOKUPS; i++) sessions.check(`unknown-${i}`)
    })
  const figure = (name: string, cost: (of: Server) => number): BenchLine =>
    line(
      name,
      ratio(
        () => cost(one),
        () => cost(many),
      ),
      'with one session, same run',
    )
  return [
    figure('lookup of a session among 10,000', lookups),
    figure('refusal of an unknown session beside 10,000', misses),
  ]
}

interface Server extends AsyncDisposable {
  sessions: Sessions
  tokens: string[]
}

/** Real sessions in a real database. */
async function server(count: number): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'startd-bench-'))
  const opened = await openDatabase(directory, () => undefined)
  const names = { name: 'Bench', hostname: 'bench', passwordHash: '', kiosk: null, language: null }
  const db: ServerDb = await opened.seed(firstDocument(names))
  const tokens = Array.from({ length: count }, (_, at) => `token-${at}`)
  const now = new Date().toISOString()
  await db.mutate(({ private: own }) => {
    for (const token of tokens) {
      own.sessions[sessionId(token)] = { loggedIn: now, lastActive: now, userAgent: 'bench' }
    }
  })
  const sessions = new Sessions(sessionStore(db), () => undefined)
  return {
    sessions,
    tokens,
    [Symbol.asyncDispose]: async () => {
      await sessions[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}

function limiterFigure(): BenchLine {
  const cost = (clients: number) => {
    let now = 0
    const limiter = new LoginLimiter(() => now)
    const attempt = (client: number) => {
      now += PACE_MS
      try {
        limiter.admit(`10.${client >> 16}.${(client >> 8) & 255}.${client & 255}`)
      } catch {
        // Refused, which is an answer like the other.
      }
    }
    for (let client = 0; client < clients; client++) attempt(client)
    return () =>
      timed(() => {
        for (let i = 0; i < ATTEMPTS; i++) attempt(i % clients)
      })
  }
  return line(
    'decision on a login among 10,000 clients',
    ratio(cost(1), cost(MANY)),
    'with one client, same run',
  )
}

function line(figure: string, value: number, baseline: string): BenchLine {
  const goal = 0.5
  return { part: 'api', figure, value, goal, baseline, ok: value >= goal }
}

/** Median of how fast the second is beside the first, measured in turns. */
function ratio(one: () => number, many: () => number): number {
  one()
  many()
  const ratios = Array.from({ length: ROUNDS }, () => one() / many())
  return ratios.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0
}

function timed(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}
