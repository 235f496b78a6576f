import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'

/** How to prove oneself at a server: with the token of a login, or by signing with the key in a file. */
const Proof = z.union([z.object({ session: z.string() }), z.object({ key: z.string() })])
export type Proof = z.infer<typeof Proof>
const Jar = z.record(z.string(), Proof)
type Jar = z.infer<typeof Jar>

const LOCK_PATIENCE = 5000

/** Logins of this user at servers, by their address; a file that only the user can read. */
export class CookieJar {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async proof(origin: string): Promise<Proof | null> {
    return (await this.#read())[origin] ?? null
  }

  /** Keeps how to log in, or forgets it with null. Other programs' changes to the file are kept. */
  async keep(origin: string, proof: Proof | null): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    await using _lock = await this.#lock()
    const { [origin]: _old, ...others } = await this.#read()
    const jar: Jar = proof === null ? others : { ...others, [origin]: proof }
    const temporary = `${this.#path}.tmp`
    {
      await using file = await open(temporary, 'w', 0o600)
      await file.chmod(0o600)
      await file.writeFile(JSON.stringify(jar, null, 2))
      await file.sync()
    }
    await rename(temporary, this.#path)
  }

  /** A missing or damaged jar is an empty one: the user can log in again. */
  async #read(): Promise<Jar> {
    try {
      return Jar.parse(JSON.parse(await readFile(this.#path, 'utf8')))
    } catch {
      return {}
    }
  }

  async #lock(): Promise<AsyncDisposable> {
    const path = `${this.#path}.lock`
    for (const deadline = Date.now() + LOCK_PATIENCE; ;) {
      try {
        await (await open(path, 'wx', 0o600)).close()
        return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
        const age = Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now())
        // Its holder has died: nobody needs the jar for seconds.
        if (age > LOCK_PATIENCE || Date.now() > deadline) await rm(path, { force: true })
        else await wait(20)
      }
    }
  }
}
