import { type HttpOptions, getWhole } from '@startd/base/s9pk/index.ts'
import { type ReceiveOptions, type ReceivedS9pk, receiveS9pk } from '../receive/index.ts'

/** Downloads from a server that knows no ranges: everything in one go, verified as it arrives. */
export async function streamWhole(
  url: string,
  directory: string,
  options: ReceiveOptions & { http: HttpOptions },
): Promise<ReceivedS9pk> {
  const answer = await getWhole(url, options.http)
  try {
    return await receiveS9pk(answer.body, directory, { ...options, size: answer.total })
  } finally {
    answer.cancel()
  }
}
