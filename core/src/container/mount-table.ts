import { readFile } from 'node:fs/promises'

export interface MountEntry {
  /** Path inside the mounted file system that shows at `point`. */
  readonly root: string
  readonly point: string
  readonly type: string
  readonly source: string
}

/** The mounts that this process sees (proc_pid_mountinfo(5)), in mount order. */
export async function mountTable(): Promise<MountEntry[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  return lines.filter(Boolean).map((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root = '', point = ''] = before.split(' ')
    const [type = '', source = ''] = after.split(' ')
    return { root: plain(root), point: plain(point), type, source: plain(source) }
  })
}

export async function isMountPoint(path: string): Promise<boolean> {
  return (await mountTable()).some(({ point }) => point === path)
}

/** Mount points at or below a directory. */
export async function mountsBelow(directory: string): Promise<string[]> {
  const points = (await mountTable()).map(({ point }) => point)
  return points.filter((point) => point === directory || point.startsWith(`${directory}/`))
}

/** The kernel writes blanks and backslashes as octal. */
const plain = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
