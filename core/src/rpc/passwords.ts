import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** RFC 9106's parameters as the web UI checks them too (db-model.md §2). */
const PARAMETERS = { memory: 65536, passes: 3, parallelism: 4 } as const
const TAG_LENGTH = 32

const argon2Async = promisify(argon2)

/** One at a time: each takes 64 MiB and four threads, and strangers may ask for it. */
let turn: Promise<unknown> = Promise.resolve()

function hash(...args: Parameters<typeof argon2Async>): Promise<Buffer> {
  const mine = turn.then(() => argon2Async(...args))
  turn = mine.catch(() => undefined)
  return mine
}

/** An Argon2id hash as a PHC string. Takes about 130 ms and 64 MiB. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const tag = await hash('argon2id', { ...PARAMETERS, message: password, nonce: salt, tagLength: TAG_LENGTH })
  const { memory, passes, parallelism } = PARAMETERS
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

/** Whether the password fits a PHC string; false for a string of another kind. */
export async function verifyPassword(phc: string, password: string): Promise<boolean> {
  const match = PHC.exec(phc)?.groups
  if (!match) return false
  const tag = Buffer.from(match['tag'] ?? '', 'base64')
  const actual = await hash('argon2id', {
    message: password,
    nonce: Buffer.from(match['salt'] ?? '', 'base64'),
    memory: Number(match['memory']),
    passes: Number(match['passes']),
    parallelism: Number(match['lanes']),
    tagLength: tag.length,
  })
  return timingSafeEqual(actual, tag)
}

/** Numbers are bounded: a hash from elsewhere must not make us compute for hours. */
const PHC =
  /^\$argon2id\$v=19\$m=(?<memory>\d{1,7}),t=(?<passes>\d{1,2}),p=(?<lanes>\d{1,2})\$(?<salt>[\w+/]{11,64})\$(?<tag>[\w+/]{16,128})$/

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}
