import type { DaemonsBuilder } from '../daemons/daemons.ts'
import type { Effects } from '../effects.ts'

/** The `main` of a package: answers the daemons that make the service. */
export function setupMain(main: (options: { effects: Effects }) => Promise<DaemonsBuilder>) {
  return (options: { effects: Effects }): Promise<DaemonsBuilder> => main(options)
}
