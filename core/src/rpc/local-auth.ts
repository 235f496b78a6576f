import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where programs on this machine find the secret, below the data directory. */
export function localCookiePath(dataDir: string): string {
  return join(dataDir, 'run', 'rpc.authcookie')
}

/** A secret that only root of this machine can read: who shows it may do everything (rpc.md §7.1). */
export class LocalAuth {
  readonly #digest: Buffer

  private constructor(secret: string) {
    this.#digest = digest(secret)
  }

  /** Makes a new secret and writes it to its file, readable by the owner alone. */
  static async create(dataDir: string): Promise<LocalAuth> {
    const path = localCookiePath(dataDir)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await chmod(dirname(path), 0o700)
    const secret = randomBytes(32).toString('base64').replace(/=+$/, '')
    const temporary = `${path}.new`
    {
      await using file = await open(temporary, 'w', 0o600)
      await file.chmod(0o600)
      await file.writeFile(secret)
    }
    await rename(temporary, path)
    return new LocalAuth(secret)
  }

  check(secret: string): boolean {
    return timingSafeEqual(digest(secret), this.#digest)
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
