import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { buildArtefacts } from './steps/artefacts.ts'
import { BUILD_PACKAGES, ensureDebianPackages, RUNTIME_PACKAGES } from './steps/debian-packages.ts'
import { daemonArguments } from './steps/daemon.ts'
import { requireHost } from './steps/host.ts'
import { readFlags } from './steps/options.ts'
import { NODE, ROOT } from './steps/paths.ts'
import { say } from './steps/say.ts'

const HELP = `Runs startd for a developer: the daemon restarts when its sources change (services keep
running and are adopted), the web UI is rebuilt when a page changes (reload the browser).

  npm run dev [-- --data DIR] [--port N]`

const flags = readFlags(HELP, ['port'])
await requireHost()
await ensureDebianPackages({ ...RUNTIME_PACKAGES, ...BUILD_PACKAGES })
// The builder's own output: the daemon reads a page anew when its file changes.
const artefacts = { ...(await buildArtefacts()), web: join(ROOT, 'web/.angular/www') }

const watched = ['core/src', 'sdk/base/src', 'patch-db/src', 'container-runtime/dist'].flatMap((dir) => [
  '--watch-path',
  join(ROOT, dir),
])
const daemon = spawn(NODE, [...watched, '--watch-preserve-output', ...daemonArguments(flags, artefacts)], {
  stdio: 'inherit',
})
const pages = spawn(
  NODE,
  [join(ROOT, 'node_modules/@angular/cli/bin/ng.js'), 'build', '--watch', '--configuration', 'development'],
  { cwd: join(ROOT, 'web'), stdio: 'inherit', env: { ...process.env, NG_CLI_ANALYTICS: 'false' } },
)
process.on('SIGINT', () => say('Stopping …'))
await Promise.race([once(daemon, 'exit'), once(pages, 'exit')])
daemon.kill('SIGTERM')
pages.kill('SIGTERM')
