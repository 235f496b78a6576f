import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { z } from 'zod'
import { AddressPool } from './address-pool.ts'
import { hardwareAddress } from './hardware-address.ts'
import { otherInstances, RUN_ROOT, type Instance } from './instance.ts'

const FORWARDING = '/proc/sys/net/ipv4/ip_forward'
/** What ip_forward was before the first instance of this machine wanted it; forgotten by a reboot, like the sysctl. */
const FORWARDING_WAS = join(RUN_ROOT, 'ip_forward')

/** The bridge of one instance: address, forwarding and firewall. */
export class Network {
  readonly pool: AddressPool
  readonly #instance: Instance

  private constructor(instance: Instance, pool: AddressPool) {
    this.#instance = instance
    this.pool = pool
  }

  /** Makes what is missing; what is already there, with running containers on it, is left as it is. */
  static async open(instance: Instance): Promise<Network> {
    const pool = await AddressPool.open(instance.dataDir, () => freePrefix(instance.id))
    const network = new Network(instance, pool)
    await network.#openBridge()
    await network.#openFirewall()
    await openForwarding()
    return network
  }

  async #openBridge(): Promise<void> {
    const { bridge } = this.#instance
    const lines = [
      ...((await exists(bridge))
        ? []
        : [`link add ${bridge} address ${hardwareAddress(this.pool.host)} type bridge`]),
      `addr replace ${this.pool.host}/24 dev ${bridge}`,
      `link set ${bridge} up`,
    ]
    await execa('ip', ['-batch', '-'], { input: lines.join('\n') }).catch((cause: unknown) => {
      throw new CodedError('Network', `the services’ network bridge ${bridge} could not be made`, { cause })
    })
  }

  /**
   * Services reach out through the host (masquerade) and each other over the bridge. From outside only what the
   * host forwards on purpose (DNAT) comes in, and other instances' containers are strangers.
   */
  async #openFirewall(): Promise<void> {
    const { bridge, table } = this.#instance
    const rules = `
      table inet ${table}
      delete table inet ${table}
      table inet ${table} {
        chain forward {
          type filter hook forward priority filter; policy accept;
          iifname "${bridge}" oifname "${bridge}" accept
          iifname "sd*" oifname "${bridge}" drop
          oifname "${bridge}" ct state established,related accept
          oifname "${bridge}" ct status dnat accept
          oifname "${bridge}" drop
        }
        chain postrouting {
          type nat hook postrouting priority srcnat; policy accept;
          ip saddr ${this.pool.subnet} oifname != "${bridge}" masquerade
        }
      }`
    await execa('nft', ['-f', '-'], { input: rules }).catch((cause: unknown) => {
      throw new CodedError('Network', 'the firewall table of the services could not be loaded with nft', {
        cause,
      })
    })
  }

  /** Removes bridge and firewall table; gives forwarding back when no other instance needs it. */
  async down(): Promise<void> {
    await removeNetwork(this.#instance)
  }
}

export async function removeNetwork({ bridge, table, id }: Instance): Promise<void> {
  await execa('nft', ['delete', 'table', 'inet', table], { reject: false })
  await execa('ip', ['link', 'delete', bridge], { reject: false })
  if ((await otherInstances(id)).length > 0) return
  const before = await readFile(FORWARDING_WAS, 'utf8').catch(() => null)
  if (before?.trim() === '0') await writeFile(FORWARDING, '0')
  await rm(FORWARDING_WAS, { force: true })
}

async function openForwarding(): Promise<void> {
  const now = (await readFile(FORWARDING, 'utf8')).trim()
  if (now === '1') return
  await writeFile(FORWARDING_WAS, now)
  await writeFile(FORWARDING, '1')
}

const Routes = z.array(z.looseObject({ dst: z.string() }))
const Links = z.array(
  z.looseObject({ addr_info: z.array(z.looseObject({ local: z.string().optional() })).default([]) }),
)

/** A `10.x.y` that no address or route of this machine touches; the search begins at a place given by the id. */
async function freePrefix(id: string): Promise<string> {
  const routes = Routes.parse(await ipJson(['-4', 'route', 'show', 'table', 'all']))
  const links = Links.parse(await ipJson(['-4', 'addr']))
  const taken = [
    ...routes.map(({ dst }) => dst).filter((dst) => dst !== 'default'),
    ...links.flatMap((link) => link.addr_info.flatMap(({ local }) => (local ? [local] : []))),
  ].map(rangeOf)
  const first = Number.parseInt(id.slice(0, 4), 16)
  for (let step = 0; step < 0x10000; step++) {
    const place = (first + step) & 0xffff
    const base = 10 * 2 ** 24 + place * 2 ** 8
    if (!taken.some(({ start, end }) => start <= base + 255 && end >= base))
      return `10.${place >> 8}.${place & 255}`
  }
  throw new CodedError(
    'Network',
    'no free 10.x.y.0/24 network on this machine: all are routed somewhere already',
  )
}

function rangeOf(cidr: string): { start: number; end: number } {
  const [address = '', bits = '32'] = cidr.split('/')
  const parts = [...address.split('.').map(Number), 0, 0, 0].slice(0, 4)
  const value = parts.reduce((sum, byte) => sum * 256 + byte, 0)
  const size = 2 ** (32 - Number(bits))
  const start = Math.floor(value / size) * size
  return { start, end: start + size - 1 }
}

async function ipJson(args: readonly string[]): Promise<unknown> {
  const { stdout } = await execa('ip', ['-json', ...args])
  return JSON.parse(stdout || '[]')
}

async function exists(link: string): Promise<boolean> {
  const { exitCode } = await execa('ip', ['link', 'show', 'dev', link], { reject: false })
  return exitCode === 0
}
