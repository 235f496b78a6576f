import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import type { PhaseHandle } from '../progress.ts'

export interface SyncOptions {
  /** Removes from the target what the source no longer has. */
  delete: boolean
  exclude: string[]
}

export const DEFAULT_OPTIONS: SyncOptions = { delete: true, exclude: [] }

/** Progress is told at most this often. */
const TELL_EVERY = 500
const STDERR_LIMIT = 16_384

export function rsyncArgs(source: string, target: string, options: Partial<SyncOptions>): string[] {
  const { delete: remove, exclude } = { ...DEFAULT_OPTIONS, ...options }
  return [
    ...(remove ? ['--delete'] : []),
    ...exclude.map((pattern) => `--exclude=${pattern}`),
    '-rlptgoAXH',
    '--partial',
    '--inplace',
    '--timeout=300',
    '--info=progress2',
    source,
    target,
  ]
}

/** Copies a directory tree with owners, modes and attributes, and tells how far it is. */
export async function rsync(
  source: string,
  target: string,
  options: Partial<SyncOptions>,
  phase: PhaseHandle,
): Promise<void> {
  await mkdir(target, { recursive: true })
  phase.start()
  const child = spawn('rsync', rsyncArgs(source, target, options), { stdio: ['ignore', 'pipe', 'pipe'] })
  let told = 0
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const percent = [...chunk.toString('utf8').matchAll(/(\d+)%/g)].at(-1)?.[1]
    if (percent === undefined || Date.now() - told < TELL_EVERY) return
    told = Date.now()
    phase.setRaw({ done: Math.min(99, Number(percent)), total: 100, units: null })
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_LIMIT)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`rsync exited with code ${code}\n${stderr}`.trim())
  phase.complete()
}
