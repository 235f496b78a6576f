import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import { describe, expect, it } from 'vitest'
import { ABSENT } from '../../core/src/api/absent.ts'
import { EXAMPLES } from './examples.ts'
import { pages } from './pages.ts'
import type { Answers } from './record.ts'

const HERE = import.meta.dirname
const DOCS = join(HERE, '../../docs')
const answers = JSON.parse(await readFile(join(HERE, 'answers.json'), 'utf8')) as Answers
const names = Object.keys(CONTRACT) as MethodName[]

describe('the API reference', () => {
  it('is in step with the contract; “sh build/run.sh build/api-reference.ts” writes it anew', async () => {
    const made = pages(answers)
    for (const [path, text] of made) {
      expect(text === (await readFile(join(DOCS, path), 'utf8').catch(() => '')), `docs/${path}`).toBe(true)
    }
    const there = (await readdir(join(DOCS, 'api'))).map((name) => `api/${name}`)
    expect(there.filter((path) => !made.has(path))).toEqual([])
  })

  it.each(names)('has an example of %s that fits its parameters and was really answered', (name) => {
    expect(EXAMPLES, 'build/api/examples.ts is to be extended').toHaveProperty([name])
    expect(CONTRACT[name].params.safeParse(EXAMPLES[name])).toMatchObject({ success: true })
    const answer = answers[name]
    const stale = `the recorded answer of ${name} is of another time: sh build/run.sh build/api-reference.ts --record`
    expect(answer, stale).toBeDefined()
    if (name in ABSENT) expect(answer, stale).toHaveProperty('error.data.info.missing')
    else expect(answer, stale).not.toHaveProperty('error.data.info.missing')
  })
})
