import { randomFillSync } from 'node:crypto'
import { cp, mkdir, open, rm } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { newSeed, packProject } from '../../core/src/s9pk/index.ts'
import { bundlePackage } from '../../sdk/package/build.ts'
import { ROOT } from '../steps/paths.ts'

const MACHINES: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64', riscv64: 'riscv64' }
const MACHINE = MACHINES[arch()] ?? arch()
const PIECE = 16 * 1024 * 1024

export const PACKAGE_ID = 'hello-world'

/** A squashfs of random bytes, which no disk and no connection can make smaller. */
export async function randomSquashfs(directory: string, bytes: number): Promise<string> {
  const content = join(directory, 'content')
  await mkdir(content)
  {
    await using file = await open(join(content, 'random'), 'w')
    const piece = Buffer.allocUnsafe(PIECE)
    for (let done = 0; done < bytes; done += PIECE) {
      await file.write(randomFillSync(piece), 0, Math.min(PIECE, bytes - done))
    }
  }
  const output = join(directory, 'random.squashfs')
  await execa('mksquashfs', [content, output, '-noI', '-noD', '-noF', '-noX', '-quiet', '-no-progress'])
  await rm(content, { recursive: true })
  return output
}

/** The hello-world example with `squashfs` as its image: as large as that is, and it can be installed. */
export async function packageAround(squashfs: string, directory: string): Promise<string> {
  const example = join(ROOT, 'sdk/examples/hello-world')
  const project = join(directory, 'project')
  await bundlePackage(example)
  for (const name of ['javascript', 'icon.svg', 'LICENSE', 'instructions.md']) {
    await cp(join(example, name), join(project, name), { recursive: true })
  }
  await mkdir(join(project, 'images', MACHINE), { recursive: true })
  await cp(squashfs, join(project, 'images', MACHINE, 'main.squashfs'))
  const output = join(directory, 'big.s9pk')
  const seed = newSeed()
  await packProject(project, { seed, output, arch: [MACHINE], assets: false, cacheDir: directory })
  await rm(project, { recursive: true })
  return output
}
