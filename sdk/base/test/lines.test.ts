import { describe, expect, it } from 'vitest'
import { LineReader } from '../src/lines.ts'

const read = (reader: LineReader, ...chunks: string[]): string[] =>
  chunks.flatMap((chunk) => reader.push(Buffer.from(chunk)))

describe('LineReader', () => {
  it('finds two lines in one chunk and one line in three', () => {
    expect(read(new LineReader(), '{"a":1}\n{"b":2}\n')).toEqual(['{"a":1}', '{"b":2}'])
    expect(read(new LineReader(), '{"a"', ':', '1}\n')).toEqual(['{"a":1}'])
  })

  it('leaves empty lines out', () => {
    expect(read(new LineReader(), '\n\r\n  \n{}\n')).toEqual(['{}'])
  })

  it('keeps a character whole that is cut between two chunks', () => {
    const bytes = Buffer.from('"grüße"\n')
    const reader = new LineReader()
    expect([bytes.subarray(0, 4), bytes.subarray(4)].flatMap((part) => reader.push(part))).toEqual([
      '"grüße"',
    ])
  })

  it('reads a line of a mebibyte and refuses one above its limit', () => {
    const text = 'x'.repeat(1 << 20)
    expect(read(new LineReader(), `${text}\n`)).toEqual([text])
    expect(() => read(new LineReader(1000), text)).toThrow('longer than 1000 bytes')
  })
})
