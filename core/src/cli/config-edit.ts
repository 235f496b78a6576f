import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import type { Document } from 'yaml'
import { parseConfig, readConfig, yaml } from './config-file.ts'

/** Changes a configuration file; comments and the order of what is there stay. A missing file is an empty one. */
export async function editConfig(file: string, change: (document: Document) => void): Promise<void> {
  // What is wrong is said before anything is written.
  await readConfig(file, 'own')
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw new CodedError('Filesystem', `${file} cannot be read`, { cause: error })
  })
  const document = yaml().parseDocument(text) as Document
  document.contents ??= document.createNode({}) as Document['contents']
  change(document)
  const changed = document.toString()
  parseConfig(changed, file)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}.tmp`
  {
    await using handle = await open(temporary, 'w', 0o600)
    await handle.writeFile(changed)
    await handle.sync()
  }
  await rename(temporary, file)
}
