import { PatchDbError } from '../errors.ts'
import { createDatabase, readDatabase } from '../log/open.ts'
import { Damage, type Recovered } from '../log/recover.ts'

/** Makes a new file of what stands before the damage in another one. */
export async function rescue(path: string, target: string): Promise<number> {
  const { id, value, migrations } = await readSound(path)
  await createDatabase(target, { id, value, migrations })
  process.stdout.write(`${target}: made with the document of revision ${id}; ${path} was left as it is\n`)
  return 0
}

async function readSound(path: string): Promise<Recovered> {
  try {
    return await readDatabase(path)
  } catch (error) {
    if (!(error instanceof Damage)) throw error
    if (error.before === undefined)
      throw new PatchDbError('Corrupt', `${path}: the damage leaves no document to save`, error)
    return error.before
  }
}
