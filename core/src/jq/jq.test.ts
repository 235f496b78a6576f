import { describe, expect, it } from 'vitest'
import { runJq } from './index.ts'

describe('a jq program', () => {
  it('makes one value of a document', async () => {
    const document = { a: [1, 2.5, -3], 'ü/~': { big: 2 ** 53 - 1 }, n: null }
    expect(await runJq('.', document)).toEqual(document)
    expect(await runJq('.a |= map(. * 2)', document)).toMatchObject({ a: [2, 5, -6] })
    expect(await runJq('"-r"', document)).toBe('-r')
  })

  it.each([
    ['.[', 'InvalidRequest'],
    ['-r .', 'InvalidRequest'],
    ['.[]', 'InvalidRequest'],
    ['empty', 'InvalidRequest'],
    ['error("no")', 'Deserialization'],
    ['halt_error', 'Deserialization'],
    ['input', 'Deserialization'],
    ['include "passwd" {search: "/etc"}; .', 'InvalidRequest'],
    ['import "passwd" as $p {search: "/etc"}; $p', 'InvalidRequest'],
  ])('that is wrong is refused: %s', async (expression, kind) => {
    await expect(runJq(expression, { a: 1, b: 2 })).rejects.toMatchObject({ kind })
  })

  it('sees nothing of this program’s environment', async () => {
    expect(await runJq('$ENV', null)).not.toHaveProperty('NODE_ENV')
    expect(JSON.stringify(await runJq('env', null))).not.toContain(process.env['HOME'] ?? 'nothing')
  })

  it('that goes on for ever is stopped', async () => {
    await expect(runJq('def f: f; f', null, { time: 1500 })).rejects.toMatchObject({ kind: 'Timeout' })
  })

  it('that takes too much memory fails alone', async () => {
    const hungry = runJq('[range(100000000)]', null, { memory: 64 * 1024 * 1024 })
    await expect(hungry).rejects.toMatchObject({ kind: 'Deserialization' })
  })
})
