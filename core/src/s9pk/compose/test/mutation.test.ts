import { readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Document, isMap, isSeq, parseDocument } from 'yaml'
import { CodedError } from '@startd/base/errors.ts'
import { composeProject } from '../index.ts'
import { fixtureCopy, fixtureNames } from './fixtures.ts'

/** What people and programs leave where something else belongs. */
const ODD = [
  null,
  '',
  0,
  -1,
  1e20,
  true,
  [],
  {},
  [null],
  { '': null },
  '${',
  '$',
  '../..',
  '/',
  ':',
  '::::',
  '\n',
  '[',
  [[]],
  { a: { b: [{}] } },
  'a'.repeat(5000),
  '\u0000',
  '__proto__',
  'constructor',
  '127.0.0.1::80',
  '8000-7000:1-2',
  'x:y:z:w',
  "it's */ `${x}` \\ 'quoted' \n",
]

type Way = (string | number)[]

/** A document of which an anchor was taken away cannot be written; it counts as an empty one. */
function textOf(document: Document): string {
  try {
    return String(document)
  } catch {
    return ''
  }
}

function ways(node: unknown, way: Way): Way[] {
  if (isMap(node)) return [way, ...node.items.flatMap(({ key, value }) => ways(value, [...way, String(key)]))]
  if (isSeq(node)) return [way, ...node.items.flatMap((item, i) => ways(item, [...way, i]))]
  return [way]
}

const names = await fixtureNames()

describe('a compose file in which something odd was put anywhere', () => {
  it.each(names)('becomes a project, or a coded error: %s', async (name) => {
    await using copy = await fixtureCopy(name)
    const original = await readFile(copy.file, 'utf8')
    const all = ways(parseDocument(original).contents, []).filter(
      (way) => way.length > 0 && !way.some((part) => String(part).includes('<<')),
    )
    const change = fc.record({
      way: fc.constantFrom(...all),
      odd: fc.constantFrom(...ODD),
      asKey: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ way, odd, asKey }) => {
        const document = parseDocument(original, { merge: true })
        if (asKey && typeof way.at(-1) === 'string')
          document.setIn([...way.slice(0, -1), String(odd ?? 'null')], 'x')
        else document.setIn(way, odd)
        await writeFile(copy.file, textOf(document))
        try {
          const { files } = await composeProject(copy.file)
          // Whatever stands in the file, what is made of it is TypeScript.
          for (const [path, code] of files) if (path.endsWith('.ts')) stripTypeScriptTypes(code)
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError)
        }
      }),
      { numRuns: 40 },
    )
  })
})
