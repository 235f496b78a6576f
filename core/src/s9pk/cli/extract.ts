import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileError } from '../file-error.ts'
import { openS9pkFile } from '../file-source.ts'

export interface ExtractOptions {
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
}

/**
 * `s9pk extract`: writes every file of the package, verified, into a new directory. The directory must not
 * exist; after a failure it is removed again. Answers with the paths inside it.
 */
export async function extract(
  path: string,
  directory: string,
  options: ExtractOptions = {},
): Promise<string[]> {
  await using file = await openS9pkFile(path)
  const target = resolve(directory)
  await mkdir(target).catch((cause: unknown) => {
    throw fileError(cause, `could not create ${target}`)
  })
  await using undo = new AsyncDisposableStack()
  undo.defer(() => rm(target, { recursive: true, force: true }))
  const members = file.s9pk.members()
  const total = members.reduce((sum, { size }) => sum + size, 0)
  let done = 0
  for (const member of members) {
    const output = join(target, member.path)
    await mkdir(dirname(output), { recursive: true })
    await using handle = await open(output, 'wx')
    for await (const piece of file.s9pk.stream(member.path)) {
      options.signal?.throwIfAborted()
      await handle.writeFile(piece)
      done += piece.length
      options.onProgress?.(done, total)
    }
  }
  undo.move()
  return members.map(({ path: name }) => name)
}
