/* Packs or verifies one file in a process of its own, and prints the most memory that it held, in bytes. */
import { openArchive } from '@startd/base/s9pk/index.ts'
import { checkFile } from '@startd/base/s9pk/archive.ts'
import { open } from 'node:fs/promises'
import { handleSource, nativeHash } from '../../core/src/s9pk/index.ts'
import { pack } from './pack.ts'

const [work, source = '', output = ''] = process.argv.slice(2)
if (work === 'pack') await pack(source, output)
if (work === 'verify') {
  await using handle = await open(output)
  const { size } = await handle.stat()
  const archive = await openArchive(handleSource(handle, size), { hash: nativeHash })
  await checkFile(archive, 'images/main.squashfs', () => undefined)
}
// Linux counts in units of 1024 bytes.
process.stdout.write(String(process.resourceUsage().maxRSS * 1024))
