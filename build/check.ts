import { execa } from 'execa'
import { ROOT } from './steps/paths.ts'
import { say } from './steps/say.ts'

/** `npm run check`: types, lint with the module boundaries, and format. All run; any failure fails. */
const env = { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' }
const checks: [string, string[]][] = [
  ['Types', ['nx', 'run-many', '-t', 'typecheck', '--parallel=2', '--output-style=static']],
  [
    'Lint and module boundaries',
    ['eslint', '--config', 'build/eslint.config.js', '--cache', '--cache-location', '.cache/eslint', '.'],
  ],
  [
    'Format',
    ['prettier', '--check', '--log-level', 'warn', '--cache', '--cache-location', '.cache/prettier', '.'],
  ],
]

let failed = 0
for (const [title, [command = '', ...args]] of checks) {
  say(`• ${title}`)
  const result = await execa(command, args, {
    cwd: ROOT,
    env,
    preferLocal: true,
    stdio: 'inherit',
    reject: false,
  })
  if (result.failed) failed++
}
say(failed === 0 ? 'All checks passed' : `${failed} of ${checks.length} checks failed`)
process.exitCode = failed === 0 ? 0 : 1
