import { isMuted } from './context.ts'
import { PATHS } from './paths.ts'
import { Runtime } from './runtime.ts'
import { serve } from './server.ts'

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

serve(runtime, PATHS.serviceSocket, () => process.exit(0)).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
