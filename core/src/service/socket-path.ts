import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

/** Room for a path in `sockaddr_un`, without its closing zero byte (unix(7)). */
const MAX_SOCKET_PATH = 107

/** A path that fits a socket address; it is good until disposed of. */
export interface SocketPath extends AsyncDisposable {
  readonly path: string
}

/** Gives a socket path of any length a short name, by way of its open directory. */
export async function shortSocketPath(path: string): Promise<SocketPath> {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) {
    return { path, [Symbol.asyncDispose]: () => Promise.resolve() }
  }
  const directory = await open(dirname(path), 'r')
  return {
    path: `/proc/self/fd/${directory.fd}/${basename(path)}`,
    [Symbol.asyncDispose]: () => directory.close(),
  }
}
