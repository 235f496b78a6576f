/**
 * A program that stands for many browsers: each follows the state of the server by a socket of its own. Says
 * `open` when all of them do, and stays until it is ended.
 *
 *   node browsers.ts URL COOKIE COUNT
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'

const [url = '', cookie = '', count = '0'] = process.argv.slice(2)

const open = new Set<WebSocket>()
for (let n = 0; n < Number(count); n++) {
  const response = await fetch(`${url}/rpc/v1`, {
    method: 'POST',
    headers: { cookie },
    body: JSON.stringify({ id: n, method: 'db.subscribe', params: { pointer: '/public' } }),
  })
  const { result } = (await response.json()) as { result: { guid: string } }
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/rpc/${result.guid}`)
  socket.on('close', () => process.exit(1))
  await once(socket, 'open')
  open.add(socket)
}
console.log('open')
