import { Metrics, MetricsHistory } from '@startd/base/rpc/server-metrics.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World } from '../api/world.ts'

let world: World
beforeAll(async () => {
  world = await World.running()
})
afterAll(() => world[Symbol.asyncDispose]())

const scrape = (headers: Record<string, string> = {}) => fetch(`${world.daemon.url}/metrics`, { headers })

describe('the metrics of the server', () => {
  it('are told now, and again with every look', async () => {
    const { guid, metrics } = (await world.ok('server.metrics.follow', {})) as {
      guid: string
      metrics: unknown
    }
    expect(Metrics.parse(metrics)).toEqual(metrics)
    expect(Metrics.parse(await world.ok('server.metrics', {}))).toBeTruthy()
    const socket = world.socket(guid)
    const frame = await new Promise<unknown>((resolve, reject) => {
      socket.on('message', (data: Buffer) => resolve(JSON.parse(data.toString()))).on('error', reject)
    })
    expect(Metrics.parse(frame)).toEqual(frame)
    socket.close()
  })

  it('are kept for charts', async () => {
    const history = MetricsHistory.parse(await world.ok('server.metrics.history', { range: 'day' }))
    expect(history.step).toBe(60)
    expect(history.series.cpu.mean.length).toBeGreaterThan(0)
    expect((await world.call('server.metrics.history', { range: 'century' })).body.error?.code).toBe(-32602)
  })

  it('are read by monitoring programs only with the token of an owner who wants that', async () => {
    expect((await scrape()).status).toBe(404)
    const first = (await world.ok('server.metrics.export.enable', {})) as { path: string; token: string }
    expect(first.path).toBe('/metrics')
    expect((await scrape()).status).toBe(401)
    expect((await scrape({ cookie: world.cookie })).status).toBe(401)
    expect((await scrape({ authorization: 'Bearer wrong' })).status).toBe(401)
    const answer = await scrape({ authorization: `Bearer ${first.token}` })
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const text = await answer.text()
    expect(text).toMatch(/^# TYPE startd_memory_total_bytes gauge\nstartd_memory_total_bytes \d+$/m)
    expect(text).toMatch(/^startd_cpu_percent\{mode="idle"\} [\d.]+$/m)
    expect(text).not.toMatch(/NaN|undefined|null/)

    const second = (await world.ok('server.metrics.export.enable', {})) as { token: string }
    expect((await scrape({ authorization: `Bearer ${first.token}` })).status).toBe(401)
    await world.ok('server.metrics.export.disable', {})
    expect((await scrape({ authorization: `Bearer ${second.token}` })).status).toBe(404)
    expect((await world.call('server.metrics.export.enable', {}, { cookie: '' })).body.error?.code).toBe(34)
  })

  it('do not show the token to those who read the database', async () => {
    const { token } = (await world.ok('server.metrics.export.enable', {})) as { token: string }
    expect(JSON.stringify(await world.ok('db.dump', { pointer: '' }))).not.toContain(token)
  })
})
