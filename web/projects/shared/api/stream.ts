import { Observable } from 'rxjs'

/** Address of a WebSocket continuation on the server that this page came from. */
export function streamUrl(guid: string): string {
  const { protocol, host } = location
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws/rpc/${guid}`
}

/** How a stream ended: as told by the server, or by a broken connection. */
export class StreamEnd {
  readonly clean: boolean
  readonly reason: string

  constructor(clean: boolean, reason: string) {
    this.clean = clean
    this.reason = reason
  }
}

/** The JSON frames of a continuation. Completes after a normal close, errors with StreamEnd after any other. */
export function stream<T>(guid: string): Observable<T> {
  return new Observable((subscriber) => {
    const socket = new WebSocket(streamUrl(guid))
    socket.onmessage = ({ data }) => subscriber.next(JSON.parse(String(data)) as T)
    socket.onclose = ({ code, reason, wasClean }) => {
      if (code === 1000) subscriber.complete()
      else subscriber.error(new StreamEnd(wasClean, reason))
    }
    return () => socket.close()
  })
}
