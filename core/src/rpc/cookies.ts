/** First value of each cookie of a `Cookie` header (RFC 6265 §4.2). */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 0) continue
    const name = pair.slice(0, equals).trim()
    if (!cookies.has(name))
      cookies.set(
        name,
        pair
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      )
  }
  return cookies
}

/** `HttpOnly`, because no page ever reads it (rpc.md §14). No `Secure`: login over plain HTTP is possible. */
export function sessionCookie(token: string): string {
  return `session=${token}; Path=/; SameSite=Strict; Expires=Fri, 31 Dec 9999 23:59:59 GMT; HttpOnly`
}

export const CLEARED_SESSION_COOKIE =
  'session=; Path=/; SameSite=Strict; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly'
