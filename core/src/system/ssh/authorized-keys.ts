import { constants } from 'node:fs'
import { chmod, chown, lstat, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { basename, dirname, join, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'

/**
 * The file in which sshd looks up who may log in. Only the block between our two marks is ours: what else is in the
 * file is never changed. Two servers on one machine have a block each.
 */
export class AuthorizedKeys {
  readonly #path: string
  readonly #begin: string
  readonly #end: string
  #last: Promise<unknown> = Promise.resolve()

  /** `owner` tells blocks apart: the data directory of the server. */
  constructor(path: string, owner: string) {
    this.#path = resolve(path)
    const name = JSON.stringify(resolve(owner))
    this.#begin = `# BEGIN keys of startd ${name}: change them there, not here`
    this.#end = `# END keys of startd ${name}`
  }

  get path(): string {
    return this.#path
  }

  /** Makes these lines our block; without any, the block goes, and so does a file that was only ours. */
  write(lines: readonly string[]): Promise<void> {
    const work = this.#last.then(() => this.#replace(lines))
    this.#last = work.catch(() => undefined)
    return work
  }

  async #replace(lines: readonly string[]): Promise<void> {
    try {
      const target = await realpath(this.#path).catch(() => this.#path)
      const before = await readFile(target, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      const after = this.#edited(before ?? '', lines)
      if (after === (before ?? '')) return
      if (after === '' && before !== null) await rm(target)
      else await replaceFile(target, after)
    } catch (error) {
      throw new CodedError('OpenSsh', `${this.#path} could not be changed`, { cause: error })
    }
  }

  #edited(text: string, lines: readonly string[]): string {
    const rows = text.split('\n')
    const begin = rows.indexOf(this.#begin)
    const end = begin < 0 ? -1 : rows.indexOf(this.#end, begin)
    const block = lines.length === 0 ? [] : [this.#begin, ...lines, this.#end]
    // A block whose end somebody has deleted: only its first mark is surely ours.
    if (begin >= 0) return rows.toSpliced(begin, end < 0 ? 1 : end - begin + 1, ...block).join('\n')
    if (block.length === 0) return text
    return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${block.join('\n')}\n`
  }
}

/** All at once or not at all, with the owner and mode that sshd asks for: those of the old file, else 0600 (0700). */
async function replaceFile(path: string, text: string): Promise<void> {
  const directory = dirname(path)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const old = await stat(path).catch(() => null)
  const home = await lstat(directory)
  const fresh = join(directory, `.${basename(path)}.${randomBytes(6).toString('hex')}`)
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
  await using file = await open(fresh, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
    await chmod(fresh, (old?.mode ?? 0o600) & 0o700)
    await chown(fresh, old?.uid ?? home.uid, old?.gid ?? home.gid)
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}
