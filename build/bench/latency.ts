import { filter, firstValueFrom } from 'rxjs'
import type { BenchLine } from '../bench.ts'
import { NODE, ROOT } from '../steps/paths.ts'
import { Child } from './child.ts'
import { line, median, timed } from './measure.ts'
import type { Server } from './server.ts'

const ROUNDS = 300
const ECHO = `
const server = new (require('ws').WebSocketServer)({ port: 0, host: '127.0.0.1' })
server.on('connection', (socket) => socket.on('message', (data) => socket.send(data.toString())))
server.on('listening', () => console.log('Open  ws://127.0.0.1:' + server.address().port))`

/** From calling db.put.ui until the browser's copy of the state has the change, which is on the disk by then. */
export async function benchLatency(server: Server): Promise<BenchLine[]> {
  const ours = await changes(server)
  const bare = await echoes()
  return [
    line('skeleton', {
      figure: 'change to browser on loopback, median (ms)',
      value: ours,
      baseline: `a bare WebSocket echo in the same run: ${bare.toFixed(3)} ms`,
    }),
    line('skeleton', {
      figure: 'the same, times a bare WebSocket echo',
      value: ours / bare,
      baseline: 'there and back, without HTTP call and disk',
    }),
  ]
}

async function changes(server: Server): Promise<number> {
  using live = await server.live()
  const shown$ = live.copy.watch$('ui', 'snakeHighScore')
  const times: number[] = []
  for (let value = 1; value <= ROUNDS; value++) {
    const start = performance.now()
    const seen = firstValueFrom(shown$.pipe(filter((now) => now === value)))
    const put = server.client.call('db.put.ui', { pointer: '/snakeHighScore', value })
    await seen
    times.push(performance.now() - start)
    await put
  }
  return median(times)
}

async function echoes(): Promise<number> {
  await using child = new Child(NODE, ['-e', ECHO], ROOT)
  const [, url = ''] = await child.said(/Open {2}(ws\S+)/)
  const socket = new WebSocket(url)
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
  const message = JSON.stringify({ id: 1, patch: [{ op: 'replace', path: '/ui/snakeHighScore', value: 1 }] })
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    times.push(
      await timed(() => {
        const back = new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
        socket.send(message)
        return back
      }),
    )
  }
  socket.close()
  return median(times)
}
