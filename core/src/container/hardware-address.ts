/**
 * The MAC address that belongs to an IPv4 address here: the same for every container that gets it, and for the
 * bridge whatever is plugged in. Neighbours that remember it (ARP, for up to ten seconds) are never wrong.
 * Locally administered (IEEE 802: second bit of the first byte).
 */
export function hardwareAddress(address: string): string {
  return [2, 0x5d, ...address.split('.').map(Number)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':')
}
