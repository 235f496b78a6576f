import { type FullProgress, type Progress, ratio } from '@startd/base/progress.ts'

const BAR = 24

/** Shows progress on standard error: bars on a terminal, else one line for each finished phase. */
export class ProgressView implements Disposable {
  readonly #out = process.stderr
  readonly #finished = new Set<string>()
  #drawn = 0

  show({ overall, phases }: FullProgress): void {
    if (!this.#out.isTTY) {
      for (const { name, progress } of phases) {
        if (progress !== true || this.#finished.has(name)) continue
        this.#finished.add(name)
        this.#out.write(`${name}: done\n`)
      }
      return
    }
    const rows = [{ name: 'Total', progress: overall }, ...phases]
    const width = Math.max(...rows.map(({ name }) => name.length))
    this.#clear()
    for (const { name, progress } of rows) this.#out.write(`${name.padEnd(width)}  ${bar(progress)}\n`)
    this.#drawn = rows.length
  }

  [Symbol.dispose](): void {
    this.#drawn = 0
  }

  #clear(): void {
    if (this.#drawn > 0) this.#out.write(`\u001b[${this.#drawn}A\u001b[J`)
  }
}

function bar(progress: Progress): string {
  const share = ratio(progress)
  if (progress === null) return 'waiting'
  if (progress === true) return 'done'
  if (share === null) return '…'
  const full = Math.floor(share * BAR)
  return `[${'='.repeat(full)}${' '.repeat(BAR - full)}] ${Math.floor(share * 100)}%${amount(progress)}`
}

function amount(progress: Progress): string {
  if (typeof progress !== 'object' || progress === null || !('done' in progress)) return ''
  const { done, total, units } = progress
  if (units !== 'bytes') return ''
  return ` ${megabytes(done)}${total === null ? '' : ` of ${megabytes(total)}`} MB`
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
