import type { BenchLine } from '../bench.ts'

/** The middle value; of an even number, the upper of the two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/**
 * The smallest value: what the work takes when nothing else gets in its way. For moving large files, where one pause
 * of the disk is longer than the work.
 */
export function least(values: readonly number[]): number {
  return Math.min(...values)
}

/** Milliseconds that the work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

interface Figure {
  figure: string
  value: number
  baseline: string
  /** What it should reach, and from which side. */
  goal?: { atMost: number } | { atLeast: number }
}

/** One line of the report. */
export function line(part: string, { figure, value, baseline, goal }: Figure): BenchLine {
  if (!goal) return { part, figure, value, goal: null, baseline, ok: null }
  if ('atMost' in goal) {
    return { part, figure, value, goal: goal.atMost, baseline, ok: value <= goal.atMost }
  }
  return { part, figure, value, goal: goal.atLeast, baseline, ok: value >= goal.atLeast }
}
