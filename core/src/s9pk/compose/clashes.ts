import type { Carried } from './carry/index.ts'

/** How widespread programs are told to listen elsewhere. */
const MOVES: readonly (readonly [RegExp, string])[] = [
  [/postgres|postgis|pgvector|pgvecto/, 'set PGPORT in the environment of one of them'],
  [/mariadb|mysql/, 'add --port=… to the command of one of them'],
  [/redis|valkey|keydb/, 'add --port … to the command of one of them'],
  [/mongo/, 'add --port … to the command of one of them'],
]

/** All parts of a service share one network: two that listen on the same port cannot both run. */
export function listClashes(all: readonly Carried[]): void {
  const seen = new Map<string, Carried>()
  for (const carried of all) {
    const { plan, context } = carried
    if (plan.oneshot) continue
    for (const { port, udp } of plan.ports) {
      const key = `${port} ${udp}`
      const other = seen.get(key)
      if (!other) {
        seen.set(key, carried)
        continue
      }
      const move =
        MOVES.find(([pattern]) => pattern.test(plan.imageRef))?.[1] ??
        'give one of them another port, where its settings allow that'
      const rest = context.service.ports ? ['ports'] : context.service.expose ? ['expose'] : []
      context.list(
        'problem',
        rest,
        `“${plan.name}” and “${other.plan.name}” both listen on port ${port}, and all parts of a service share one network. Either ${move} (and name the new port where others connect to it), or make two packages of them.`,
      )
    }
  }
}
