import { expect, it } from 'vitest'
import { progressRows, shareOf } from './install-progress.ts'

it('draws each phase as waiting, running or done', () => {
  const rows = progressRows({
    overall: false,
    phases: [
      { name: 'Uploading', progress: true },
      { name: 'Unpacking', progress: { done: 50, total: 200, units: 'bytes' } },
      { name: 'Checking', progress: false },
      { name: 'Installing', progress: null },
    ],
  })
  expect(rows.map(({ state, ratio }) => [state, ratio])).toEqual([
    ['done', 1],
    ['running', 0.25],
    ['running', null],
    ['waiting', 0],
  ])
  expect(rows[1]?.bytes).toEqual({ done: 50, total: 200 })
})

it('sums a nested job by its own overall, and never exceeds the whole', () => {
  expect(shareOf({ overall: { done: 3, total: 4, units: null }, phases: [] })).toBe(0.75)
  expect(shareOf({ done: 9, total: 4, units: 'steps' })).toBe(1)
  expect(shareOf({ done: 9, total: null, units: 'bytes' })).toBeNull()
})
