/** A hostile page may set many of one name; nobody needs to look at more of them. */
const MOST_OF_A_NAME = 4

/** The cookies of a request (RFC 6265 §4.2). */
export class Cookies {
  readonly #values = new Map<string, string[]>()

  /** `header`: the `Cookie` header. */
  constructor(header: string | undefined) {
    if (header === undefined) return
    for (const pair of header.split(';')) {
      const equals = pair.indexOf('=')
      if (equals < 0) continue
      const name = pair.slice(0, equals).trim()
      const value = pair.slice(equals + 1).trim()
      const others = this.#values.get(name)
      if (others === undefined) this.#values.set(name, [unquoted(value)])
      else if (others.length < MOST_OF_A_NAME) others.push(unquoted(value))
    }
  }

  /** The first one of a name. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0]
  }

  /**
   * All of a name. There may be several, because cookies know no ports: a page of another port can set one for a
   * path of ours, and ours must still be found beside it.
   */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }
}

function unquoted(value: string): string {
  return value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value
}

/** `HttpOnly`, because no page ever reads it (rpc.md §14). No `Secure`: login over plain HTTP is possible. */
export function sessionCookie(token: string): string {
  return `session=${token}; Path=/; SameSite=Strict; Expires=Fri, 31 Dec 9999 23:59:59 GMT; HttpOnly`
}

export const CLEARED_SESSION_COOKIE =
  'session=; Path=/; SameSite=Strict; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly'
