import { RpcFailure } from './rpc-failure.ts'

export interface UploadProgress {
  sent: number
  total: number
}

/**
 * Sends a file to a REST continuation (rpc.md §8.1). XMLHttpRequest, because fetch tells nothing of what
 * was sent. Rejects when the connection breaks or `signal` aborts; what the server thinks of the bytes
 * shows in the progress of the install.
 */
export function upload(
  guid: string,
  file: Blob,
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    const fail = () => reject(new RpcFailure(null, 'Upload', request.responseText || request.statusText))
    request.open('POST', `/rest/rpc/${guid}`)
    request.upload.onprogress = ({ loaded, total }) => onProgress({ sent: loaded, total })
    request.onload = () => (request.status < 300 ? resolve() : fail())
    request.onerror = fail
    request.onabort = () => reject(signal.reason as Error)
    request.onloadend = () => signal.removeEventListener('abort', stop)
    signal.addEventListener('abort', stop, { once: true })
    request.send(file)
  })
}
