import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const GUIDE = join(import.meta.dirname, '../../../docs/packaging.md')
/** A file name alone on a line, then the file. */
const FILE = /^`([\w./-]+)`\n\n```\w+\n(.*?)^```$/gms

/** Writes the project of the packaging guide, just as it stands there. Answers the names of its files. */
export async function writeGuideProject(directory: string): Promise<string[]> {
  const names: string[] = []
  for (const [, name = '', content = ''] of (await readFile(GUIDE, 'utf8')).matchAll(FILE)) {
    const path = join(directory, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    names.push(name)
  }
  return names
}
