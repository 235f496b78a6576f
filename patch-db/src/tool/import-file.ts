import { importReference } from '../import.ts'

/** Makes a new file of a database of StartOS. */
export async function importFile(path: string, target: string): Promise<number> {
  const { id, source, failed, failedAs, unreadBytes, earlierFailures } = await importReference(path, target)
  process.stdout.write(`${target}: made from ${source} at revision ${id}\n`)
  const notes = [
    failedAs === null ? '' : `${failed.length} patches do not fit the document; they are in ${failedAs}.`,
    unreadBytes === 0 ? '' : `The last ${unreadBytes} bytes are no whole patch, and were left out.`,
    earlierFailures === null ? '' : `StartOS itself has left out patches, which are in ${earlierFailures}.`,
  ]
  for (const note of notes) if (note !== '') process.stderr.write(`${note}\n`)
  return 0
}
