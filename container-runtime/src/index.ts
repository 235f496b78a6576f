import { isMuted } from './context.ts'
import { PATHS } from './paths.ts'
import { Rest } from './rest.ts'
import { Runtime } from './runtime.ts'
import { serve } from './server.ts'

// Set for this process only (container-paths.ts), not for what it starts.
delete process.env['MALLOC_ARENA_MAX']

const rest = new Rest()
const runtime = new Runtime(PATHS.package, PATHS.hostSocket)

process.on('unhandledRejection', (error) => {
  if (!isMuted(error)) console.error('Unhandled rejection:', error)
})
for (const signal of ['SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => console.error(`${signal} is ignored; the server ends this service`))
}
// The container is being stopped: the daemons get their time, then the process ends.
process.once('SIGTERM', () => {
  runtime
    .endMain()
    .catch((error: unknown) => console.error(error))
    .finally(() => process.exit(0))
})

serve(runtime, PATHS.serviceSocket, {
  onAnswered: () => rest.after(),
  onExited: () => process.exit(0),
}).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
