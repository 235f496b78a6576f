import { expect, it } from 'vitest'
import { echoHandlers } from '../../src/api/top.ts'
import { MethodTable } from '../../src/rpc/handlers.ts'
import { HttpServer } from '../../src/rpc/http-server.ts'

it('answers, and tells the log, when telling callers apart fails', async () => {
  await using http = new HttpServer({ web: null })
  const { port } = await http.listen('127.0.0.1', 0)
  const told: unknown[] = []
  http.serve({
    name: 'running',
    methods: MethodTable.partial(echoHandlers),
    gate: null,
    fence: null,
    identify: () => {
      throw new Error('the containers are gone')
    },
    hostNames: () => new Set(),
    packageFiles: null,
    onError: (_method, error) => told.push(error),
  })
  const response = await fetch(`http://127.0.0.1:${port}/rpc/v1`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(500)
  expect(told).toEqual([new Error('the containers are gone')])
})
