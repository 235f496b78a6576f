import { CodedError } from '@startd/base/errors.ts'
import type { PrivateModel } from '@startd/base/model.ts'
import type { SshKeyResponse } from '@startd/base/rpc/ssh.ts'
import type { ServerDb } from '../db/index.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { type AuthorizedKeys, parsePublicKey } from '../system/ssh/index.ts'

type Stored = PrivateModel['sshPubkeys']

/** rpc-methods.md §3.7. `file` is null where the owner has said that startd lets nobody log in by SSH. */
export function sshHandlers(db: ServerDb, file: AuthorizedKeys | null) {
  const stored = () => db.peek().private.sshPubkeys
  let last: Promise<unknown> = Promise.resolve()

  /** One change after the other; what cannot be written to the file is not kept either. */
  const change = (edit: (keys: Stored) => Stored): Promise<void> => {
    const work = last.then(async () => {
      if (file === null) {
        throw new CodedError('OpenSsh', 'startd was started without a file to keep SSH keys in (--ssh-keys)')
      }
      const keys = edit(stored())
      await file.write(linesOf(keys))
      await db.mutate((draft) => {
        draft.private.sshPubkeys = keys
      })
    })
    last = work.catch(() => undefined)
    return work
  }

  return {
    'ssh.add': async ({ key: text }) => {
      const key = parsePublicKey(text)
      const now = new Date().toISOString()
      await change((keys) => ({
        ...keys,
        [key.fingerprint]: {
          created_at: keys[key.fingerprint]?.created_at ?? now,
          updated_at: now,
          value: key.line,
        },
      }))
      return responseOf(key.fingerprint, stored()[key.fingerprint] ?? { created_at: now, value: key.line })
    },
    'ssh.remove': async ({ fingerprint }) => {
      await change((keys) => {
        if (!Object.hasOwn(keys, fingerprint))
          throw new CodedError('NotFound', 'There is no key with this fingerprint')
        const { [fingerprint]: _gone, ...rest } = keys
        return rest
      })
      return null
    },
    'ssh.list': () => Object.entries(stored()).map(([fingerprint, key]) => responseOf(fingerprint, key)),
  } satisfies Handlers
}

/** The lines of the file, as the database knows them. */
export const linesOf = (keys: Stored): string[] => Object.values(keys).map(({ value }) => value)

function responseOf(
  fingerprint: string,
  { created_at, value }: { created_at: string; value: string },
): SshKeyResponse {
  const [alg = '', , ...comment] = value.split(' ')
  return { alg, fingerprint, hostname: comment.join(' '), createdAt: created_at }
}
