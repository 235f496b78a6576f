import { type FileHandle, open, readFile } from 'node:fs/promises'
import { z } from 'zod'

/** What a download was about, so that another process can go on with it. */
export const Beginning = z.object({
  format: z.literal(1),
  urls: z.array(z.string()),
  commitment: z.object({ rootSighash: z.string(), rootMaxsize: z.number() }),
  developerKey: z.string(),
  arch: z.string(),
  size: z.number(),
})
export type Beginning = z.infer<typeof Beginning>

const Step = z.object({ path: z.string(), bytes: z.number() })

/** How far a download had come: bytes of each member that were written, by path. */
export interface Recorded {
  beginning: Beginning
  bytes: Map<string, number>
}

/**
 * The steps of a download, one JSON text a line. Nothing rests on it: what it claims to be there is hashed again
 * before it counts, so it need not be synced, and a line that was cut off is no harm.
 */
export class Journal implements AsyncDisposable {
  readonly #file: FileHandle

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Begins a journal, or goes on with the one that is there. */
  static async open(path: string, beginning: Beginning, goOn: boolean): Promise<Journal> {
    const journal = new Journal(await open(path, goOn ? 'a' : 'w'))
    await journal.#file.appendFile(`${goOn ? '\n' : ''}${JSON.stringify(beginning)}\n`)
    return journal
  }

  async note(path: string, bytes: number): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify({ path, bytes })}\n`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close()
  }
}

/** What a journal says; null where there is none that can be read. Later lines count more than earlier ones. */
export async function readJournal(path: string): Promise<Recorded | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  let beginning: Beginning | null = null
  const bytes = new Map<string, number>()
  for (const line of text.split('\n')) {
    const value = parse(line)
    const step = Step.safeParse(value)
    if (step.success) bytes.set(step.data.path, step.data.bytes)
    else beginning = Beginning.safeParse(value).data ?? beginning
  }
  return beginning && { beginning, bytes }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
