import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Bytes of script, each file gzipped at level 9, that the page loads before anything is chosen: entry and static imports. */
export async function initialScript(directory: string): Promise<number> {
  const index = await readFile(join(directory, 'index.html'), 'utf8')
  const pending = [...index.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, name = '']) => name)
  const seen = new Set<string>()
  let total = 0
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const content = await readFile(join(directory, name))
    total += gzipSync(content, { level: 9 }).length
    // Static imports only: what “import()” fetches comes later.
    const imports = content.toString().matchAll(/(?:\bfrom|\bimport)\s*"\.\/([^"]+\.js)"/g)
    for (const [, next = ''] of imports) pending.push(next)
  }
  return total
}
