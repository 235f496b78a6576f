import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { MODEL_VERSION, type ServerDb } from '../db/index.ts'
import type { Continuations } from '../rpc/continuations.ts'
import type { Handlers } from '../rpc/handlers.ts'
import type { ReadMetrics } from '../rpc/metrics-route.ts'
import type { ServiceControl } from '../service/index.ts'
import { type MetricsWatch, prometheusText } from '../system/metrics/index.ts'
import { streamValues } from './streams.ts'

/** Bytes of a token. */
const TOKEN = 32

/** rpc-methods.md §3.2, and ours: history, and text for monitoring programs. */
export function metricsHandlers(db: ServerDb, metrics: MetricsWatch, continuations: Continuations) {
  return {
    'server.metrics': () => metrics.current(),
    'server.metrics.follow': async (_params, { session }) => {
      const first = await metrics.first()
      return {
        guid: streamValues(continuations, session, (signal) => metrics.follow(signal)),
        metrics: first,
      }
    },
    'server.metrics.history': ({ range }) => metrics.history(range),
    'server.metrics.export.enable': async () => {
      const token = randomBytes(TOKEN).toString('base64url')
      await db.mutate((draft) => {
        draft.private.metricsToken = digest(token)
      })
      return { path: '/metrics', token }
    },
    'server.metrics.export.disable': async () => {
      await db.mutate((draft) => {
        delete draft.private.metricsToken
      })
      return null
    },
  } satisfies Handlers
}

/** What `GET /metrics` shows to those who have the token, while the owner lets them. */
export function metricsText(db: ServerDb, metrics: MetricsWatch, services: ServiceControl): ReadMetrics {
  return async (token) => {
    const expected = db.peek().private.metricsToken
    if (expected === undefined) return 'off'
    if (token === null || !timingSafeEqual(Buffer.from(digest(token)), Buffer.from(expected)))
      return 'refused'
    await metrics.first()
    return {
      text: prometheusText({
        sample: metrics.sample,
        services: await services.stats(),
        version: MODEL_VERSION,
        uptime: Math.round(process.uptime()),
      }),
    }
  }
}

/** Only this is kept: the database does not give the token away. */
const digest = (token: string) => createHash('sha256').update(token).digest('base64url')
