import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { buildArtefacts } from './steps/artefacts.ts'
import { BUILD_PACKAGES, ensureDebianPackages, RUNTIME_PACKAGES } from './steps/debian-packages.ts'
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
const artefacts = await buildArtefacts()

const watched = ['core/src', 'sdk/base/src', 'patch-db/src', 'container-runtime/dist'].flatMap((dir) => [
  '--watch-path',
  join(ROOT, dir),
])
const daemon = spawn(
  NODE,
  [
    ...watched,
    '--watch-preserve-output',
    join(ROOT, 'core/src/bin/startd.ts'),
    ...['--data', flags.data, '--port', flags.port],
    ...[
      '--web',
      artefacts.web,
      '--rootfs',
      artefacts.rootfs,
      '--helper',
      artefacts.helper,
      '--runtime',
      artefacts.runtime,
    ],
  ],
  { stdio: 'inherit' },
)
const pages = spawn(
  NODE,
  [
    join(ROOT, 'node_modules/@angular/cli/bin/ng.js'),
    'build',
    '--watch',
    '--configuration',
    'development',
    '--output-path',
    artefacts.web,
  ],
  { cwd: join(ROOT, 'web'), stdio: 'inherit', env: { ...process.env, NG_CLI_ANALYTICS: 'false' } },
)
process.on('SIGINT', () => say('Stopping …'))
await Promise.race([once(daemon, 'exit'), once(pages, 'exit')])
daemon.kill('SIGTERM')
pages.kill('SIGTERM')
