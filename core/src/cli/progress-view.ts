import { type FullProgress, type Progress, ratio } from '@startd/base/progress.ts'
import { bytes, duration } from './show/human.ts'
import { LiveView } from './show/live.ts'
import { cut, oneLine, pad, type Terminal, terminalOf, widthOf } from './show/style.ts'

const BAR = 24
const LABEL = 32

/** When bytes of a phase were first seen and how many, for its speed. */
interface Mark {
  time: number
  done: number
}

/** Shows progress on standard error: bars on a terminal, else one line for each finished phase. */
export class ProgressView implements Disposable {
  readonly #out: NodeJS.WriteStream
  readonly #live: LiveView
  readonly #finished = new Set<string>()
  readonly #marks = new Map<string, Mark>()

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out
    this.#live = new LiveView(out)
  }

  show(progress: FullProgress): void {
    if (this.#out.isTTY) {
      const lines = progressLines(progress, terminalOf(this.#out), this.#marks, performance.now())
      this.#live.show(lines.join('\n'))
      return
    }
    for (const { name, progress: state } of progress.phases) {
      if (state !== true || this.#finished.has(name)) continue
      this.#finished.add(name)
      this.#out.write(`${oneLine(name)}: done\n`)
    }
  }

  [Symbol.dispose](): void {
    this.#live[Symbol.dispose]()
  }
}

/** A line for the whole and for each phase, none wider than the terminal. `now` in milliseconds. */
export function progressLines(
  { overall, phases }: FullProgress,
  terminal: Terminal,
  marks: Map<string, Mark>,
  now: number,
): string[] {
  const rows = [{ name: 'Total', progress: overall }, ...phases]
  const labels = rows.map(({ name }) => cut(oneLine(name), LABEL))
  const width = Math.max(...labels.map(widthOf))
  return rows.map(({ name, progress }, at) => {
    const state = cut(stateText(progress, speedText(name, progress, marks, now)), terminal.width - width - 2)
    return `${pad(labels[at] ?? '', width)}  ${terminal.paint(state, toneOf(progress))}`
  })
}

function toneOf(progress: Progress): 'good' | 'quiet' | 'plain' {
  return progress === true ? 'good' : progress === null ? 'quiet' : 'plain'
}

function stateText(progress: Progress, speed: string): string {
  const share = ratio(progress)
  if (progress === null) return 'waiting'
  if (progress === true) return 'done'
  if (share === null) return `working…${amount(progress)}${speed}`
  const full = Math.floor(share * BAR)
  return `[${'='.repeat(full)}${' '.repeat(BAR - full)}] ${Math.floor(share * 100)} %${amount(progress)}${speed}`
}

function amount(progress: Progress): string {
  const counted = counter(progress)
  if (!counted) return ''
  const { done, total, units } = counted
  if (units === 'bytes') return ` ${bytes(done)}${total === null ? '' : ` of ${bytes(total)}`}`
  return units === 'steps' && total !== null ? ` ${done} of ${total}` : ''
}

/** How fast bytes have come since the phase was first seen, and how long the rest takes. */
function speedText(name: string, progress: Progress, marks: Map<string, Mark>, now: number): string {
  const counted = counter(progress)
  if (counted?.units !== 'bytes') return ''
  const { done, total } = counted
  const first = marks.get(name)
  if (!first) {
    marks.set(name, { time: now, done })
    return ''
  }
  const speed = (done - first.done) / ((now - first.time) / 1000)
  if (!(speed > 0) || !Number.isFinite(speed)) return ''
  const rest = total === null ? '' : `, ${duration((total - done) / speed)} left`
  return `, ${bytes(speed)}/s${rest}`
}

function counter(progress: Progress) {
  return typeof progress === 'object' && progress !== null && 'done' in progress ? progress : null
}
