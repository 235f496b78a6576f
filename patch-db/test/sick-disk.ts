import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Ailment } from './sick-disk-contents.ts'
import { temporaryDirectory } from './temporary.ts'

export type MountedDisk = {
  readonly directory: string
  /** Makes calls fail from now on; with null the disk is well again. */
  ail(ailment: Ailment | null): Promise<void>
  /** A directory with what a power cut now would leave behind. */
  afterPowerCut(): Promise<string>
  /** Remembers from now on what each moment would leave behind. */
  record(): Promise<void>
  /** Begins a stretch of the history; answers how many directories of `history` lie before it. */
  mark(): Promise<number>
  /** A directory for each state that a kill or a power cut since `record` could have left behind, in order. */
  history(): Promise<string[]>
}

/** Mounts a file system whose faults the test chooses; it goes when the test ends. */
export async function sickDisk(): Promise<MountedDisk> {
  const directory = temporaryDirectory()
  const server = fork(join(import.meta.dirname, 'sick-disk-server.ts'), [directory], { execArgv: [] })
  onTestFinished(async () => {
    execFileSync('umount', [directory])
    const gone = server.exitCode === null ? once(server, 'exit') : undefined
    server.kill()
    await gone
  })
  await once(server, 'message')
  const ask = async (message: object | string): Promise<unknown> => {
    const answer = once(server, 'message')
    server.send(message)
    const [answered] = (await answer) as [unknown]
    return answered
  }
  return {
    directory,
    ail: async (ailment) => void (await ask({ ail: ailment })),
    afterPowerCut: async () => directoryOf((await ask('contents')) as TextFiles),
    record: async () => void (await ask('record')),
    mark: async () => (await ask('mark')) as number,
    history: async () => ((await ask('history')) as TextFiles[]).map(directoryOf),
  }
}

type TextFiles = [string, string][]

function directoryOf(files: TextFiles): string {
  const copy = temporaryDirectory()
  for (const [name, bytes] of files) writeFileSync(join(copy, name), Buffer.from(bytes, 'base64'))
  return copy
}
