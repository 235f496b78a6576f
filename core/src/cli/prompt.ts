import { createInterface } from 'node:readline'
import { CodedError } from '@startd/base/errors.ts'

/** Asks on the terminal for a secret, without showing it. Throws where there is no terminal. */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process
  if (!stdin.isTTY) {
    throw new CodedError(
      'InvalidRequest',
      'There is no terminal to ask for the password. Put it into the variable PASSWORD.',
    )
  }
  stderr.write(question)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let typed = ''
  const read = (data: string) => {
    for (const letter of data) {
      if (letter === '\r' || letter === '\n') return resolve(typed)
      if (letter === '\u0003' || letter === '\u0004')
        return reject(new CodedError('Cancelled', 'Nothing was done'))
      typed = letter === '\u007f' || letter === '\b' ? typed.slice(0, -1) : typed + letter
    }
  }
  stdin.setRawMode(true).setEncoding('utf8').on('data', read).resume()
  try {
    return await promise
  } finally {
    stdin.off('data', read).setRawMode(false).pause()
    stderr.write('\n')
  }
}

/** All of standard input, or null when that is a terminal. */
export async function readStandardInput(): Promise<string | null> {
  if (process.stdin.isTTY) return null
  const lines: string[] = []
  for await (const line of createInterface({ input: process.stdin })) lines.push(line)
  return lines.join('\n')
}
