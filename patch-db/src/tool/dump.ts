import { once } from 'node:events'
import { readDatabase } from '../log/open.ts'
import { isInUse } from './in-use.ts'

/** Prints the document of a file as JSON, without touching the file. */
export async function dump(path: string): Promise<number> {
  const { value, tail, id } = await readDatabase(path)
  if (!process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)) await once(process.stdout, 'drain')
  if (tail !== undefined && !isInUse(path))
    process.stderr.write(
      `The ${tail.bytes} bytes after revision ${id} are no whole record, and are left out.\n`,
    )
  return 0
}
