import { benchCommits } from './commits.ts'
import { fanOutFigures } from './fan-out.ts'
import { memoryFigures } from './memory.ts'
import { benchMutate } from './mutate.ts'
import { openFigures } from './open.ts'
import { benchPeers } from './peers/index.ts'
import { benchRewrite } from './rewrite.ts'

/** One measured figure: a ratio to a baseline that ran in the same process, and whether it reaches the goal. */
export type BenchLine = {
  readonly part: 'patch-db'
  readonly figure: string
  readonly value: number
  readonly goal: number | null
  readonly baseline: string
  readonly ok: boolean | null
}

export type Figure = Omit<BenchLine, 'part' | 'ok'> & {
  /** Whether a larger or a smaller value is better. */
  readonly better: 'higher' | 'lower'
}

/** Measures the store beside what a user would otherwise take; one to two minutes. */
export async function bench(): Promise<BenchLine[]> {
  const figures = [
    ...benchMutate(),
    ...benchRewrite(),
    ...(await benchCommits()),
    ...(await benchPeers()),
    ...(await fanOutFigures()),
    ...(await openFigures()),
    ...(await memoryFigures()),
  ]
  return figures.map(({ better, ...figure }) => ({
    part: 'patch-db',
    ...figure,
    value: Number(figure.value.toPrecision(3)),
    ok:
      figure.goal === null
        ? null
        : better === 'higher'
          ? figure.value >= figure.goal
          : figure.value <= figure.goal,
  }))
}
