import type { FastifyReply, FastifyRequest } from 'fastify'

/** The metrics as text for whoever has the token: `off` while nobody may read them, `refused` for a wrong one. */
export type ReadMetrics = (token: string | null) => Promise<{ text: string } | 'off' | 'refused'>

/** Answers a monitoring program, which shows its token as RFC 6750 §2.1 says. */
export async function sendMetrics(
  read: ReadMetrics | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const token = /^Bearer +([A-Za-z0-9_-]{1,256})$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
  const answer = read ? await read(token) : 'off'
  reply.header('cache-control', 'no-store')
  if (answer === 'off') return reply.code(404).send('Not Found')
  if (answer === 'refused') return reply.code(401).header('www-authenticate', 'Bearer').send('Not Authorized')
  return reply.type('text/plain; version=0.0.4; charset=utf-8').send(answer.text)
}
