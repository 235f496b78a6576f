import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { LshwDevice } from '@startd/base/rpc/server.ts'

/** Processors and graphics of this machine, as packages may ask for them. `root` is `/` but for tests. */
export async function findDevices(root = '/'): Promise<LshwDevice[]> {
  const [processors, displays] = await Promise.all([processorsOf(root), displaysOf(root)])
  return [...processors, ...displays]
}

/** One for each kind of core (proc_cpuinfo(5)). */
async function processorsOf(root: string): Promise<LshwDevice[]> {
  const text = await readFile(join(root, 'proc/cpuinfo'), 'utf8').catch(() => '')
  const found = new Map<string, LshwDevice>()
  for (const block of text.split('\n\n')) {
    const pairs = block.split('\n').map((line) => line.split(/\s*:\s*/, 2))
    const fields = new Map(pairs.map(([name = '', value = '']) => [name.trim(), value.trim()]))
    if (!fields.has('processor')) continue
    const product = fields.get('model name') ?? null
    const vendor = fields.get('vendor_id') ?? null
    const capabilities = (fields.get('flags') ?? fields.get('Features') ?? '').split(' ').filter(Boolean)
    found.set(`${product} ${vendor}`, { class: 'processor', product, vendor, capabilities })
  }
  return [...found.values()]
}

async function displaysOf(root: string): Promise<LshwDevice[]> {
  const directory = join(root, 'sys/class/drm')
  const cards = (await readdir(directory).catch(() => [])).filter((name) => /^card\d+$/.test(name))
  return Promise.all(
    cards.map(async (card) => {
      const device = join(directory, card, 'device')
      const [vendor, product, driver] = await Promise.all([
        line(join(device, 'vendor')),
        line(join(device, 'device')),
        readlink(join(device, 'driver')).catch(() => null),
      ])
      return {
        class: 'display' as const,
        product,
        vendor,
        capabilities: [],
        driver: driver === null ? null : basename(driver),
      }
    }),
  )
}

async function line(path: string): Promise<string | null> {
  return (await readFile(path, 'utf8').catch(() => '')).trim() || null
}
