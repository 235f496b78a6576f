import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'

const State = z.object({
  guid: z.string(),
  packageId: z.string(),
  address: z.string(),
  bootId: z.string().nullable(),
})

/** What the next daemon must know of a container to adopt it. */
export type ContainerState = z.infer<typeof State>

export async function readState(file: string): Promise<ContainerState | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  try {
    return text === null ? null : (State.safeParse(JSON.parse(text)).data ?? null)
  } catch {
    return null // half written by a daemon that died: as good as none
  }
}

export async function writeState(file: string, state: ContainerState): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(state))
  await rename(`${file}.new`, file)
}

/** The last messages of an LXC log that match, without LXC's own prefix. */
export async function lastLines(file: string, pattern: RegExp): Promise<string> {
  const lines = (await readFile(file, 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => pattern.test(line))
  return lines
    .slice(0, 3)
    .map((line) => line.replace(/^.* - \S+:\d+ - /, ''))
    .join('; ')
}
