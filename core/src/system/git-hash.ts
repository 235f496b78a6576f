import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** Commit of the checkout that this program runs from; `unknown` for a copy without history. */
export async function gitHash(): Promise<string> {
  const git = join(resolve(import.meta.dirname, '../../..'), '.git')
  try {
    const head = (await readFile(join(git, 'HEAD'), 'utf8')).trim()
    if (!head.startsWith('ref: ')) return head
    const name = head.slice(5)
    const loose = await readFile(join(git, name), 'utf8').catch(() => null)
    if (loose !== null) return loose.trim()
    const packed = await readFile(join(git, 'packed-refs'), 'utf8')
    return (
      packed
        .split('\n')
        .find((line) => line.endsWith(` ${name}`))
        ?.split(' ')[0] ?? 'unknown'
    )
  } catch {
    return 'unknown'
  }
}
