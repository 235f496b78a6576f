import type { BenchLine } from '../bench.ts'
import { NODE, ROOT } from '../steps/paths.ts'
import { Child } from './child.ts'
import { line, median, timed } from './measure.ts'
import type { Server } from './server.ts'

const ROUNDS = 5
const HELLO = `
const app = require('fastify')()
app.get('/', async () => 'hello')
app.listen({ port: 0, host: '127.0.0.1' }).then((url) => console.log('Open  ' + url))`

/** From the start of the process until GET / of the running server is answered. */
export async function benchColdStart(server: Server): Promise<BenchLine[]> {
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await timed(helloWorld))
    await server.stop()
    ours.push(
      await timed(async () => {
        await server.start()
        await firstPage(server.client.host)
      }),
    )
  }
  return [
    line('skeleton', {
      figure: 'cold start to the page of the running server (ms)',
      value: median(ours),
      baseline: `a bare Fastify program in the same run: ${median(bare).toFixed(0)} ms`,
    }),
    line('skeleton', {
      figure: 'the same, times a bare Fastify program',
      value: median(ours) / median(bare),
      baseline: 'node -e with Fastify that answers hello',
    }),
  ]
}

async function helloWorld(): Promise<void> {
  await using child = new Child(NODE, ['-e', HELLO], ROOT)
  const [, url = ''] = await child.said(/Open {2}(http\S+)/)
  await firstPage(url)
}

async function firstPage(url: string): Promise<void> {
  const response = await fetch(url)
  await response.text()
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}`)
}
