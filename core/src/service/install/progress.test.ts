import fc from 'fast-check'
import type { Progress } from '@startd/base/progress.ts'
import { describe, expect, it } from 'vitest'
import { ProgressTracker } from './progress.ts'

const measure = fc.record({
  done: fc.nat(1000),
  total: fc.option(fc.nat(1000)),
  units: fc.constant(null),
})
const progress: fc.Arbitrary<Progress> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  measure,
  measure.map((overall) => ({ overall, phases: [] })),
)

const done = (tracker: ProgressTracker) => {
  const { overall } = tracker.snapshot()
  if (overall === null || typeof overall !== 'object' || !('done' in overall)) throw new Error('no measure')
  return overall
}

describe('the progress of an install', () => {
  it('adds up the weights of its phases', () => {
    const tracker = new ProgressTracker()
    const upload = tracker.addPhase('Uploading', 100)
    const last = tracker.addPhase('Installing', 50)
    upload.setTotal(1000, 'bytes')
    upload.set(505)
    last.replace({ overall: { done: 1, total: 2, units: null }, phases: [] })
    expect(tracker.snapshot()).toEqual({
      overall: { done: 75, total: 150, units: null },
      phases: [
        { name: 'Uploading', progress: { done: 505, total: 1000, units: 'bytes' } },
        { name: 'Installing', progress: { overall: { done: 1, total: 2, units: null }, phases: [] } },
      ],
    })
  })

  it('never goes back and never passes its total', () => {
    fc.assert(
      fc.property(fc.array(progress), (values) => {
        const tracker = new ProgressTracker()
        const phase = tracker.addPhase('Installing', 50)
        let before = 0
        for (const value of values) {
          phase.replace(value)
          const now = done(tracker).done
          expect(now).toBeGreaterThanOrEqual(before)
          expect(now).toBeLessThanOrEqual(50)
          before = now
        }
      }),
    )
  })

  it('takes more than the total as the total', () => {
    const tracker = new ProgressTracker()
    const phase = tracker.addPhase('Unpacking', 100)
    phase.setTotal(10, 'bytes')
    phase.set(11)
    expect(tracker.snapshot().phases[0]?.progress).toEqual({ done: 10, total: 10, units: 'bytes' })
  })

  it('is done at the end, and stays so', () => {
    const tracker = new ProgressTracker()
    const phase = tracker.addPhase('Installing', 50)
    tracker.complete()
    phase.set(1)
    expect(tracker.snapshot()).toEqual({ overall: true, phases: [{ name: 'Installing', progress: true }] })
  })
})
