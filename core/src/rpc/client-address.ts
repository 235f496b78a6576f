/**
 * Who counts as one client of a limit: an IPv4 address, or a /64 of IPv6, since one customer has a whole
 * network of those.
 */
export function clientOf(address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  if (!plain.includes(':')) return plain
  const [head = '', tail = ''] = plain.split('::')
  const front = head.split(':').filter(Boolean)
  const back = tail.split(':').filter(Boolean)
  const missing = plain.includes('::')
    ? Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
    : []
  return [...front, ...missing, ...back].slice(0, 4).join(':')
}

/** Whether a connection comes from this machine itself. */
export function isLoopback(address: string): boolean {
  return address === '::1' || clientOf(address).startsWith('127.')
}
