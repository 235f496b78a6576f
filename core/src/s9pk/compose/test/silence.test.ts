import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { type Document, isAlias, isMap, isSeq, parseDocument } from 'yaml'
import { composeProject } from '../index.ts'
import { printPath } from '../source/place.ts'
import { fixtureCopy, fixtureNames } from './fixtures.ts'

type Way = (string | number)[]

interface Result {
  /** Texts of the project, or the error that there is instead; without line numbers, which move. */
  text: string
  keys: string[]
}

async function resultOf(file: string): Promise<Result> {
  try {
    const { files, copies, findings } = await composeProject(file)
    const text = JSON.stringify([[...files], [...copies.assets.entries], [...copies.builds]])
    return { text: text.replaceAll(/\| \d* \| `/g, '| `'), keys: findings.map(({ key }) => key) }
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), keys: [] }
  }
}

/** Says what holds anyway: taking it out changes nothing, and is meant to. */
const SAME_WITHOUT = [
  /^(version|name|networks\b.*|volumes\.[\w-]+(\.driver)?)$/,
  /^services\.[\w-]+\.(restart|init|scale|container_name|hostname|networks(\.\d)?|expose(\.\d)?)$/,
  /\.depends_on\.[\w-]+\.(condition|restart)$|\.healthcheck\.disable$/,
  // The server gives pages their addresses, whatever port they have inside.
  /\.ports\.\d\.(published|host_ip|mode|name|app_protocol)$/,
  // Each of the two says the same.
  /^services\.transmission\.(network_mode|depends_on\.0)$/,
]

describe.each(await fixtureNames())('of the compose file of “%s”, nothing is dropped in silence:', (name) => {
  it('a key that is added anywhere is in the project, or named', async () => {
    await using copy = await fixtureCopy(name)
    const original = await readFile(copy.file, 'utf8')
    const dropped: string[] = []
    for (const way of maps(parseDocument(original, { merge: true }))) {
      const document = parseDocument(original, { merge: true })
      document.setIn([...way, 'zzz-probe'], '42')
      await writeFile(copy.file, String(document))
      const { text, keys } = await resultOf(copy.file)
      if (!text.includes('zzz-probe') && !keys.some((key) => startsWith(way, key)))
        dropped.push(way.join('.'))
    }
    expect(dropped).toEqual([])
  })

  it('what is taken out makes a difference, unless it says what holds anyway', async () => {
    await using copy = await fixtureCopy(name)
    const original = await readFile(copy.file, 'utf8')
    const whole = await resultOf(copy.file)
    const unnoticed: string[] = []
    for (const way of leaves(parseDocument(original, { merge: true }))) {
      const document = parseDocument(original, { merge: true })
      document.deleteIn(way)
      await writeFile(copy.file, String(document))
      const shown = way.join('.')
      const same = (await resultOf(copy.file)).text === whole.text
      if (whole.keys.some((key) => startsWith(way, key))) continue
      if (same && !SAME_WITHOUT.some((pattern) => pattern.test(shown))) unnoticed.push(shown)
    }
    expect(unnoticed).toEqual([])
  })
})

/** Whether a way leads into what a finding is about. */
function startsWith(way: Way, key: string): boolean {
  return `${printPath(way)}.`.startsWith(`${key}.`) || printPath(way).startsWith(`${key}[`)
}

/** The ways to all mappings of a document that are not just repeated. */
function maps(document: Document): Way[] {
  return ways(document.contents, []).filter(
    (way) => isMap(document.getIn(way)) && !/^x-/.test(String(way[0])),
  )
}

/** The ways to all values that hold no others. */
function leaves(document: Document): Way[] {
  return ways(document.contents, []).filter((way) => {
    const node = document.getIn(way, true)
    const repeated = isAlias(node) || way.some((part) => /^x-|<</.test(String(part)))
    return !isMap(node) && !isSeq(node) && !repeated
  })
}

function ways(node: unknown, way: Way): Way[] {
  if (isMap(node)) return [way, ...node.items.flatMap(({ key, value }) => ways(value, [...way, String(key)]))]
  if (isSeq(node)) return [way, ...node.items.flatMap((item, i) => ways(item, [...way, i]))]
  return [way]
}
