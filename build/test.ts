import { execa } from 'execa'
import { readFile } from 'node:fs/promises'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildExamples } from './examples.ts'
import { buildArtefacts } from './steps/artefacts.ts'
import {
  BUILD_PACKAGES,
  ensureDebianPackages,
  RUNTIME_PACKAGES,
  TEST_PACKAGES,
} from './steps/debian-packages.ts'
import { requireHost } from './steps/host.ts'
import { ROOT } from './steps/paths.ts'
import { say } from './steps/say.ts'
import { unpackedProgram } from './steps/unpacked-package.ts'

/** `npm test [-- VITEST ARGS]`: installs and builds what the tests need, then runs all three tiers. */
await requireHost()
await ensureDebianPackages({ ...RUNTIME_PACKAGES, ...BUILD_PACKAGES, ...TEST_PACKAGES })
await unpackedProgram('docker-registry')
await buildArtefacts()
await buildExamples()

const report = join(ROOT, '.cache/test-report.json')
await mkdir(join(ROOT, '.cache'), { recursive: true })
say('• Tests')
const run = await execa(
  'vitest',
  [
    'run',
    '--config',
    'build/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, preferLocal: true, stdio: ['ignore', 'inherit', 'inherit'], reject: false },
)
const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(
  await readFile(report, 'utf8'),
) as Record<string, number>
const failed = (numFailedTests ?? 0) || (run.failed ? Math.max(1, numFailedTestSuites ?? 0) : 0)
say(`${numPassedTests ?? 0} passed, ${failed} failed`)
process.exitCode = run.failed || failed > 0 || !numPassedTests ? 1 : 0
