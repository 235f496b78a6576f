import { z } from 'zod'
import { method, type Methods } from './method.ts'
import { None, Nothing, Time } from './params.ts'

/** `hostname` is the comment of the key. */
export const SshKeyResponse = z.object({
  alg: z.string(),
  fingerprint: z.string(),
  hostname: z.string(),
  createdAt: Time,
})
export type SshKeyResponse = z.infer<typeof SshKeyResponse>

/** rpc-methods.md §3.7. */
export const sshMethods = {
  'ssh.add': method(
    'Let a key log in by SSH',
    z.object({ key: z.string().max(16384).describe('Public key: one line as in ~/.ssh/id_ed25519.pub') }),
    SshKeyResponse,
    { cli: { positional: ['key'], examples: ['start-cli ssh add "$(cat ~/.ssh/id_ed25519.pub)"'] } },
  ),
  'ssh.remove': method(
    'No longer let a key log in by SSH',
    z.object({ fingerprint: z.string().max(256).describe('From “ssh list”') }),
    Nothing,
    {
      cli: {
        positional: ['fingerprint'],
        examples: ['start-cli ssh remove 43:51:43:a1:b5:fc:8b:b7:0a:3a:a9:b1:0f:66:73:a8'],
      },
    },
  ),
  'ssh.list': method('Show the keys that may log in by SSH', None, z.array(SshKeyResponse), {
    cli: {
      positional: [],
      table: ['hostname', 'alg', 'fingerprint', 'createdAt'],
      examples: ['start-cli ssh list'],
    },
  }),
} as const satisfies Methods
