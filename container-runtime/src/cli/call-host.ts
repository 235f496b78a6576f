import { connect } from 'node:net'
import { type RpcErrorObject, detailsOf } from '@startd/base/errors.ts'
import type { EffectName } from '@startd/base/effects.ts'
import { LineReader } from '@startd/base/lines.ts'

/** The host refused a call: its text, and its number as far as an exit code can carry it. */
export class HostRefusal extends Error {
  readonly exitCode: number

  constructor(error: RpcErrorObject) {
    const details = detailsOf(error)
    super(details === error.message ? error.message : `${error.message}: ${details}`)
    this.exitCode = error.code & 255 || 1
  }
}

/** One call on a connection of its own. */
export async function callHost(socketPath: string, method: EffectName, params: object): Promise<unknown> {
  const socket = connect(socketPath)
  const lines = new LineReader()
  socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method, params })}\n`)
  for await (const chunk of socket) {
    const [line] = lines.push(chunk as Buffer)
    if (line === undefined) continue
    const answer = JSON.parse(line) as { result?: unknown; error?: RpcErrorObject }
    if (answer.error) throw new HostRefusal(answer.error)
    return answer.result ?? null
  }
  throw new Error('the server closed the connection before it answered')
}
