import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { execa } from 'execa'
import { buildNative } from '../native/index.ts'
import { debianTar } from './debian.ts'

export interface RootfsOptions {
  /** Default `~/.cache/startd`. */
  cacheDir?: string
  /** The Node program that runs packages; the project's own, pinned one. */
  nodeBinary: string
  log: (line: string) => void
}

export interface Rootfs {
  /** Root file system of the service containers. */
  squashfs: string
  /** The native helper for the host; the same program is inside as `/usr/bin/start-container`. */
  helper: string
}

/** Raise it when this file makes something else out of the same parts. */
const RECIPE = 1

/** Mount points and directories that the daemon and the package SDK expect. */
const DIRECTORIES = [
  'usr/lib/startos/init',
  'usr/lib/startos/package',
  ...['assets', 'backup', 'images', 'rpc', 'subcontainers', 'volumes'].map((name) => `media/startos/${name}`),
]

/**
 * Makes the root file system that all service containers share: minimal Debian, Node, the native helper.
 * Cached by content: a second call with the same parts only looks at files. Needs the Debian packages
 * mmdebstrap, squashfs-tools, tcc and libc6-dev, and root.
 */
export async function buildRootfs(options: RootfsOptions): Promise<Rootfs> {
  const { nodeBinary, log } = options
  const cacheDir = options.cacheDir ?? join(homedir(), '.cache', 'startd')
  await mkdir(cacheDir, { recursive: true })
  const helper = await buildNative({ cacheDir, log })
  const debian = await debianTar(cacheDir, log)
  const hash = createHash('sha256').update(`${RECIPE} ${debian}`)
  hash.update(await contentHash(nodeBinary, cacheDir)).update(await readFile(helper))
  const squashfs = join(cacheDir, `rootfs-${hash.digest('hex').slice(0, 16)}.squashfs`)
  if (await exists(squashfs)) return { squashfs, helper }
  await forgetOld(cacheDir, debian)
  log('Packing the root file system of the service containers')
  const tree = await mkdtemp(join(cacheDir, 'rootfs-'))
  const draft = `${squashfs}.${process.pid}`
  try {
    await chmod(tree, 0o755)
    await execa('tar', ['--numeric-owner', '-xpf', debian, '-C', tree])
    await addOurs(tree, nodeBinary, helper)
    await execa('mksquashfs', [
      tree,
      draft,
      '-comp',
      'zstd',
      '-Xcompression-level',
      '12',
      '-noappend',
      '-quiet',
      '-no-progress',
    ])
    await rename(draft, squashfs)
  } finally {
    await rm(tree, { recursive: true, force: true })
    await rm(draft, { force: true })
  }
  return { squashfs, helper }
}

async function addOurs(tree: string, nodeBinary: string, helper: string): Promise<void> {
  const node = join(tree, 'usr/bin/node')
  await copyFile(nodeBinary, node)
  // Smaller by a tenth where binutils are installed; nothing depends on it.
  await execa('strip', [node], { reject: false })
  await copyFile(helper, join(tree, 'usr/bin/start-container'))
  await writeFile(join(tree, 'usr/bin/start-cli'), '#!/bin/sh\nexec /usr/bin/start-container "$@"\n')
  for (const name of ['node', 'start-container', 'start-cli']) await chmod(join(tree, 'usr/bin', name), 0o755)
  for (const directory of DIRECTORIES) await mkdir(join(tree, directory), { recursive: true })
  for (const cached of ['var/cache/apt', 'var/lib/apt/lists', 'var/log', 'boot', 'home']) {
    await rm(join(tree, cached), { recursive: true, force: true })
  }
  await mkdir(join(tree, 'var/log'))
  // Written anew for each container.
  await writeFile(join(tree, 'etc/resolv.conf'), '')
  await writeFile(join(tree, 'etc/hostname'), '')
  await writeFile(join(tree, 'etc/machine-id'), '')
}

/** Earlier results go after a month, when no checkout that shares the cache is likely to want them. */
async function forgetOld(cacheDir: string, keep: string): Promise<void> {
  const month = 30 * 24 * 60 * 60 * 1000
  for (const name of await readdir(cacheDir)) {
    if (!/^(rootfs-|debian-|hash-)/.test(name)) continue
    const path = join(cacheDir, name)
    if (path !== keep && (await stat(path)).mtimeMs < Date.now() - month)
      await rm(path, { recursive: true, force: true })
  }
}

/** Hash of a large file, remembered by its place, size and time so that the second run does not read it again. */
async function contentHash(file: string, cacheDir: string): Promise<string> {
  const { size, mtimeMs } = await stat(file)
  const memo = join(
    cacheDir,
    `hash-${createHash('sha256').update(`${file} ${size} ${mtimeMs}`).digest('hex').slice(0, 16)}`,
  )
  const known = await readFile(memo, 'utf8').catch(() => null)
  if (known) return known
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const hex = hash.digest('hex')
  await writeFile(memo, hex)
  return hex
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
