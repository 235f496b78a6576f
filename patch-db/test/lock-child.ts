import { PatchDb } from '../src/index.ts'

/** Opens a database, prints how that went, and holds it until killed. */
try {
  await PatchDb.open(process.argv[2] as string, { initial: {} })
  process.stdout.write('held\n')
  setInterval(() => undefined, 1000)
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}\n`)
}
