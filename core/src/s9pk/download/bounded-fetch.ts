import { type Fetch, TransferError } from '@startd/base/s9pk/index.ts'
import { hostOf } from '@startd/base/s9pk/http-range.ts'

const MOST_REDIRECTS = 5
const REDIRECTS = [301, 302, 303, 307, 308]

/** `fetch` that follows a few redirects, and none from an encrypted connection to an open one. */
export const boundedFetch: Fetch = async (url, init) => {
  let at = url
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(at, { ...init, redirect: 'manual' })
    const location = response.headers.get('location')
    if (!REDIRECTS.includes(response.status) || location === null) return response
    await response.body?.cancel()
    if (redirects === MOST_REDIRECTS)
      throw new TransferError('refused', `${hostOf(url)} sends us from one address to the next without end`)
    at = redirected(at, location)
  }
}

function redirected(from: string, location: string): string {
  const target = URL.canParse(location, from) ? new URL(location, from) : null
  if (target?.protocol !== 'https:' && target?.protocol !== 'http:')
    throw new TransferError('refused', `${hostOf(from)} sends us to something that is no web address`)
  if (from.startsWith('https:') && target.protocol === 'http:')
    throw new TransferError('refused', `${hostOf(from)} sends us to an address without encryption`)
  return target.href
}
