import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import answers from '../../../build/api/answers.json' with { type: 'json' }
import { renderResult } from '../../src/cli/output.ts'
import { layout, wrap } from '../../src/cli/show/blocks.ts'
import { genericView } from '../../src/cli/show/generic.ts'
import { ago, bytes, duration, mebibytes } from '../../src/cli/show/human.ts'
import { logLine } from '../../src/cli/show/log-line.ts'
import { cut, oneLine, PLAIN, type Terminal, widthOf } from '../../src/cli/show/style.ts'
import { progressLines } from '../../src/cli/progress-view.ts'
import { Person } from './run.ts'

/** A terminal that marks what it paints. */
const marking = (width: number): Terminal => ({
  width,
  paint: (text, tone) => (tone === 'plain' ? text : `<${tone}>${text}</>`),
})
const narrow = (width: number): Terminal => ({ width, paint: (text) => text })
const lines = (text: string) => text.split('\n')

describe('amounts', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [999_950, '1.0 MB'],
    [25_276_502_016, '25.3 GB'],
    [2e15, '2.0 PB'],
  ])('%d bytes are %s', (amount, text) => expect(bytes(amount)).toBe(text))
  it.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3600, '1 h'],
    [11_520, '3 h 12 min'],
    [90_000, '1 d 1 h'],
  ])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text))
  it('of memory count in powers of two', () => {
    expect([mebibytes(21), mebibytes(24_105.55)]).toEqual(['21 MiB', '23.5 GiB'])
  })
  it('of time are told from now', () => {
    const now = Date.parse('2026-01-31T12:00:00Z')
    expect(ago('2026-01-31T11:59:30Z', now)).toBe('just now')
    expect(ago('2026-01-31T08:48:00Z', now)).toBe('3 h ago')
    expect(ago('nonsense', now)).toBe('nonsense')
  })
})

describe('tables', () => {
  const rows = [
    { id: 'hello-world', title: 'A short one', size: 12 },
    { id: 'photos', title: 'Something with a very long name that nobody reads', size: 3000 },
  ]
  const shown = (width: number) =>
    layout(genericView(rows, ['id', 'title', 'size'], { units: { size: 'bytes' } }), narrow(width))

  it('are never wider than the terminal, and cut what is long before what is copied', () => {
    for (const width of [30, 40, 60, 80])
      for (const line of lines(shown(width))) expect(widthOf(line)).toBeLessThanOrEqual(width)
    expect(shown(40)).toMatch(
      /^ID +TITLE +SIZE\nhello-world +A short one +12 B\nphotos +Something.*… +3\.0 kB$/,
    )
  })
  it('become lists where a terminal is too narrow', () => {
    expect(shown(20)).toMatch(/^id {5}hello-world\ntitle {2}A short one\nsize {3}12 B\n\nid {5}photos\n/)
  })
  it('are whole in a file', () => {
    expect(layout(genericView(rows, ['id', 'title']), PLAIN)).toContain('name that nobody reads')
  })
  it('paint heads and what is missing', () => {
    expect(layout(genericView([{ a: null, b: true }], null), marking(80))).toBe(
      '<head>A</>  <head>B</>\n<quiet>-</>  yes',
    )
  })
  it('count wide letters as two columns', () => {
    expect([widthOf('写真'), widthOf('😀'), widthOf('é'), cut('写真集', 5)]).toEqual([4, 2, 1, '写真…'])
  })
  it('say when there is nothing', () => {
    expect(layout(genericView([], ['id']), PLAIN)).toBe('none')
  })
  it('show one thing as names with values, broken between words', () => {
    expect(layout(genericView({ os: { version: '1' }, isNew: true }, null), PLAIN)).toBe(
      'os version  1\nis new      yes',
    )
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij'])
  })
})

describe('results', () => {
  const recorded = Object.entries(answers as Record<string, { result?: unknown }>).filter(
    ([name, { result }]) => {
      return result !== undefined && CONTRACT[name as MethodName].cli !== null
    },
  )

  it.each(recorded)('of %s are shown, as a real server gave them', (name, { result }) => {
    const shape = CONTRACT[name as MethodName].cli
    for (const width of [40, 100, Infinity]) {
      const shown = renderResult(name as MethodName, result, 'table', shape, narrow(width))
      expect(shown).not.toMatch(/\[object|undefined|NaN/)
      expect(result === null || shown !== '').toBe(true)
    }
    const asData = renderResult(name as MethodName, result, 'yaml', shape, PLAIN)
    expect(parse(asData)).toEqual(result)
    expect(JSON.parse(renderResult(name as MethodName, result, 'json', shape, PLAIN))).toEqual(result)
  })
})

describe('text from elsewhere', () => {
  it('cannot move the cursor or start a new line', () => {
    expect(oneLine('a\u001b[2Jb\u001b]0;title\u0007c\r\nd\u009b31me')).not.toMatch(/[\u001b\u0007\r\n\u009b]/)
  })
  it('in logs keeps to its line on a terminal, and goes into a file as it is', () => {
    const entry = {
      timestamp: '2026-01-31T12:00:00Z',
      message: 'ERROR photos: no \u001b[2Jspace',
      bootId: '',
    }
    expect(logLine(entry, PLAIN)).toBe(`2026-01-31T12:00:00.000Z ${entry.message}`)
    const shown = logLine(entry, marking(80))
    expect(shown).toMatch(/<bad>ERROR<\/> .*photos.*: <bad>no space<\/>$/)
    expect(logLine({ ...entry, message: 'INFO running' }, marking(80))).toMatch(/<\/> running$/)
  })
})

describe('progress', () => {
  it('shows a bar, amounts and speed, never wider than the terminal', () => {
    const marks = new Map<string, { time: number; done: number }>()
    const at = (done: number, now: number) =>
      progressLines(
        {
          overall: false,
          phases: [
            { name: 'Uploading', progress: { done, total: 10_000_000, units: 'bytes' } },
            { name: 'Later', progress: null },
          ],
        },
        narrow(100),
        marks,
        now,
      )
    expect(at(0, 0)[1]).toMatch(/^Uploading {2}\[ +\] 0 % 0 B of 10\.0 MB$/)
    expect(at(5_000_000, 2000)[1]).toMatch(/\[={12} +\] 50 % 5\.0 MB of 10\.0 MB, 2\.5 MB\/s, 2 s left$/)
    expect(at(5_000_000, 2000)[2]).toBe('Later      waiting')
    const small = progressLines(
      { overall: true, phases: [{ name: 'x'.repeat(90), progress: false }] },
      narrow(40),
      marks,
      0,
    )
    for (const line of small) expect(widthOf(line)).toBeLessThanOrEqual(40)
  })
})

describe('colours', () => {
  it('are for terminals, unless somebody says otherwise', async () => {
    await using person = await Person.create()
    const inTerminal = (env: Record<string, string>) =>
      person.run('script', ['-qec', 'start-cli remote list', '/dev/null'], {
        env: { TERM: 'xterm-256color', ...env },
      })
    expect((await inTerminal({})).stdout).toContain('\u001b[1m')
    expect((await inTerminal({ NO_COLOR: '1' })).stdout).not.toContain('\u001b[')
    expect((await person.cli(['remote', 'list'])).stdout).not.toContain('\u001b[')
    expect((await person.cli(['remote', 'list'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[')
  })
})
