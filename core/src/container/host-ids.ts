import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ID_BASE, ID_COUNT } from './instance.ts'

/** LXC's newuidmap asks these files whether root may use the containers' ids (subuid(5)). */
const FILES = ['/etc/subuid', '/etc/subgid'] as const
const LINE = `root:${ID_BASE}:${ID_COUNT}`

/** Allows root the containers' id range, and remembers in the data directory that this line is ours. */
export async function allowIds(dataDir: string): Promise<void> {
  for (const file of FILES) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text.split('\n').some(covers)) continue
    await writeFile(marker(dataDir, file), `${LINE}\n`)
    await replace(file, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${LINE}\n`)
  }
}

/** Removes the lines that this data directory has added. */
export async function forgetIds(dataDir: string): Promise<void> {
  for (const file of FILES) {
    if (
      !(await stat(marker(dataDir, file)).then(
        () => true,
        () => false,
      ))
    )
      continue
    const lines = (await readFile(file, 'utf8')).split('\n')
    await replace(file, lines.filter((line) => line !== LINE).join('\n'))
    await rm(marker(dataDir, file), { force: true })
  }
}

function covers(line: string): boolean {
  const [owner, first, count] = line.split(':')
  if (owner !== 'root' && owner !== '0') return false
  return Number(first) <= ID_BASE && Number(first) + Number(count) >= ID_BASE + ID_COUNT
}

const marker = (dataDir: string, file: string): string => join(dataDir, `added-${file.slice('/etc/'.length)}`)

async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.startd`
  await writeFile(draft, text, { mode: 0o644 })
  await rename(draft, file)
}
