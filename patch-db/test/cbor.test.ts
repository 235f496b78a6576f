import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCbor } from '../client/cbor.ts'
import { encodeCbor } from '../src/encoding.ts'
import { json } from './arbitrary.ts'

describe('the browser’s reader of CBOR', () => {
  it('reads whatever the store writes', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(decodeCbor(encodeCbor(value))).toEqual(value)
      }),
    )
    for (const value of [
      0,
      -1,
      23,
      24,
      255,
      256,
      65_535,
      65_536,
      2 ** 32,
      -(2 ** 32) - 1,
      1.5,
      1e300,
      2 ** 53 - 1,
    ])
      expect(decodeCbor(encodeCbor(value))).toBe(value)
    const wide = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i]))
    expect(decodeCbor(encodeCbor(wide))).toEqual(wide)
  })

  it.each<[string, string]>([
    ['00', '0'],
    ['3863', '-100'],
    ['1b000000e8d4a51000', '1000000000000'],
    ['f93e00', '1.5'],
    ['fa47c35000', '100000'],
    ['fb3ff199999999999a', '1.1'],
    ['62c3bc', '"ü"'],
    ['8301820203820405', '[1,[2,3],[4,5]]'],
    ['a26161016162820203', '{"a":1,"b":[2,3]}'],
    ['f6', 'null'],
  ])('reads the example %s of RFC 8949', (hex, text) => {
    expect(JSON.stringify(decodeCbor(Buffer.from(hex, 'hex')))).toBe(text)
  })

  it.each([
    ['', 'nothing'],
    ['61', 'a text that ends too early'],
    ['82 01', 'an array that ends too early'],
    ['01 01', 'two values'],
    ['40', 'bytes'],
    ['c0 61 61', 'a tag'],
    ['9f ff', 'an indefinite length'],
    ['f7', 'undefined'],
    ['a1 01 02', 'a key that is no text'],
    ['a1 69 5f5f70726f746f5f5f 01', 'a poisoned key'],
    ['61 ff', 'no UTF-8'],
    ['ff', 'a stray end'],
    ['9b 00ffffffffffffff', 'an array beyond all memory'],
    ['7b 7fffffffffffffff', 'a text beyond all memory'],
  ])('refuses %s: %s', (hex) => {
    expect(() => decodeCbor(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(SyntaxError)
  })

  it('never answers with anything else than a value or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          JSON.stringify(decodeCbor(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
