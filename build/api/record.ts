import { isDeepStrictEqual } from 'node:util'
import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import type { BootContext, MethodDefinition } from '@startd/base/rpc/method.ts'
import { buildExample } from '../steps/example-packages.ts'
import { ENDING, EXAMPLES } from './examples.ts'
import { normalise } from './normalise.ts'
import { type Answer, RecordedServer } from './server.ts'

export type Answers = { readonly [M in MethodName]?: Answer }

/** How often the short stage of the start is tried to be met. */
const TRIES = 10
const NOT_FOUND = -32601

/** Calls every method of a real server with the parameters of its example; answers what came back. */
export async function record(say: (text: string) => void): Promise<Answers> {
  const example = await buildExample('hello-world')
  await using server = await RecordedServer.create()
  const answers: Record<string, Answer> = {}
  const keep = (name: MethodName, answer: Answer) => {
    if ('result' in answer) check(name, answer.result)
    answers[name] = normalise(answer, server.data)
  }

  const ask = async (stage: BootContext, names: readonly MethodName[]): Promise<void> => {
    for (const name of names) {
      say(`  ${name}`)
      keep(name, await server.call(name, EXAMPLES[name]))
      if (name === 'setup.execute') await settled(server)
      if (!ENDING.includes(name) || 'error' in (answers[name] ?? {})) continue
      await server.stop()
      await server.start({ broken: stage === 'diagnostic' })
    }
  }

  await server.start()
  await ask('setup', namesOf('setup'))
  await server.stop()

  await server.start()
  await server.install(example.path)
  await ask('running', namesOf('running'))
  await server.stop()

  const starting = namesOf('init')
  for (let tries = 0; ; tries++) {
    await server.start({ until: 'listening' })
    const found = await server.batch(starting.map((name) => [name, EXAMPLES[name]]))
    await server.stop()
    if (found.every((answer) => !('error' in answer) || answer.error.code !== NOT_FOUND)) {
      found.forEach((answer, index) => keep(starting[index] as MethodName, answer))
      break
    }
    if (tries === TRIES) throw new Error('the server starts too fast to be asked meanwhile')
  }

  await server.start({ broken: true })
  await ask('diagnostic', namesOf('diagnostic'))
  return answers as Answers
}

/** Each method is asked at one stage: when the server runs, if it is there then. */
function namesOf(stage: BootContext): MethodName[] {
  return (Object.keys(EXAMPLES) as MethodName[]).filter((name) => {
    const { contexts } = CONTRACT[name] as MethodDefinition
    return contexts.includes('running') ? stage === 'running' : contexts.includes(stage)
  })
}

/** Throws for a result that is not as declared, or that says more. */
function check(name: MethodName, result: unknown): void {
  const { result: schema } = CONTRACT[name] as MethodDefinition
  const declared = schema.parse(result)
  if (!isDeepStrictEqual(declared, result)) {
    throw new Error(`${name} answers what is not declared: ${JSON.stringify(result)}`)
  }
}

async function settled(server: RecordedServer): Promise<void> {
  for (;;) {
    const { status } = (await server.ok('setup.status', {})) as { status: string }
    if (status !== 'running') return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
