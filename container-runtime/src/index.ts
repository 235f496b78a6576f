import { RUNTIME_NODE_ENVIRONMENT } from '@startd/base/container-paths.ts'
import { isMuted } from './context.ts'
import { PATHS } from './paths.ts'
import { Rest } from './rest.ts'
import { Runtime } from './runtime.ts'
import { serve } from './server.ts'

for (const name of Object.keys(RUNTIME_NODE_ENVIRONMENT)) delete process.env[name]

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
