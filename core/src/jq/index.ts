import { Worker } from 'node:worker_threads'
import { CodedError } from '@startd/base/errors.ts'

/** What the thread is given. */
export interface JqTask {
  expression: string
  /** JSON text. */
  input: string
  /** Bytes. */
  memory: number
}

/** What the thread answers; of several results two are enough to see that it is not one. */
export type JqAnswer =
  { outcome: 'results'; texts: readonly string[] } | { outcome: 'compile error' | 'failure'; text: string }

export interface JqLimits {
  /** Milliseconds. */
  time?: number
  /** Bytes that jq may use; the text that comes and goes is beside that. */
  memory?: number
}

const TIME = 20_000
const MEMORY = 512 * 1024 * 1024

/**
 * The one value that a jq program makes of a document. Throws InvalidRequest for a program that jq does not
 * understand or that makes none or several, Deserialization for one that fails, Timeout when it takes too long.
 */
export async function runJq(expression: string, document: unknown, limits: JqLimits = {}): Promise<unknown> {
  const { time = TIME, memory = MEMORY } = limits
  const workerData: JqTask = { expression, input: JSON.stringify(document), memory }
  const { promise, resolve, reject } = Promise.withResolvers<JqAnswer>()
  const thread = new Worker(new URL('jq-thread.ts', import.meta.url), {
    workerData,
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const late = () =>
    reject(new CodedError('Timeout', `The jq program was stopped: it took more than ${time / 1000} s`))
  const deadline = setTimeout(late, time)
  thread
    .once('message', resolve)
    .once('error', (cause: Error) =>
      reject(new CodedError('Deserialization', `jq: ${cause.message}`, { cause })),
    )
    .once('exit', () => reject(new CodedError('Deserialization', 'jq ended without an answer')))
  try {
    return valueOf(await promise)
  } finally {
    clearTimeout(deadline)
    await thread.terminate()
  }
}

function valueOf(answer: JqAnswer): unknown {
  switch (answer.outcome) {
    case 'compile error':
      throw new CodedError('InvalidRequest', `jq does not understand this: ${answer.text}`)
    case 'failure':
      throw new CodedError('Deserialization', answer.text)
    case 'results': {
      const [text, ...more] = answer.texts
      if (text === undefined)
        throw new CodedError('InvalidRequest', 'The jq program makes no result; it must make one')
      if (more.length > 0)
        throw new CodedError('InvalidRequest', 'The jq program makes several results; it must make one')
      return JSON.parse(text) as unknown
    }
    default:
      return answer satisfies never
  }
}
