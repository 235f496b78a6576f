/** Files that are the same in every package. */

export const SDK_FILE = `import { StartSdk } from '@startd/sdk'
import { manifest } from './manifest.ts'

/** The SDK that knows this package: a volume or image that is not in the manifest is a type error. */
export const sdk = StartSdk.of().withManifest(manifest).build(true)
`

export const INDEX_FILE = `import { buildManifest } from '@startd/sdk'
import { manifest as authored } from './manifest.ts'
import { versionGraph } from './versions.ts'

export { actions } from './actions/index.ts'
export { createBackup } from './backups.ts'
export { init, uninit } from './init.ts'
export { main } from './main.ts'
export const manifest = buildManifest(versionGraph, authored)
`

export const HEALTH_FILE = `import type { T } from '@startd/sdk'
import { sdk } from './sdk.ts'

type SubContainer = Pick<ReturnType<typeof sdk.SubContainer.of>, 'exec'>

interface Check {
  command: string | string[]
  env?: Record<string, string>
  cwd?: string
  user?: string
  /** Milliseconds. */
  timeout: number
  /** Failures in a row after which a service that was well counts as failed. */
  retries: number
  errorMessage: string
}

/** Whether a command succeeds in the subcontainer. One failure of a service that was well is forgiven. */
export function checkCommand(subcontainer: SubContainer, check: Check) {
  const { command, timeout, retries, errorMessage, ...options } = check
  let failures = 0
  let wasWell = false
  return async (): Promise<T.HealthCheckResult> => {
    const { exitCode } = await subcontainer.exec(command, options, timeout)
    failures = exitCode === 0 ? 0 : failures + 1
    wasWell ||= exitCode === 0
    if (wasWell && failures < retries) return { result: 'success', message: null }
    return { result: 'failure', message: errorMessage }
  }
}

/** How often a service is looked at, in milliseconds: while it is well, and until then. */
export function every(usual: number, atFirst: number) {
  return sdk.trigger.statusTrigger(atFirst, { success: usual })
}
`

export const TSCONFIG_FILE = `{
  "compilerOptions": {
    "target": "es2024",
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "noUnusedLocals": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["startos"]
}
`

export const GITIGNORE_FILE = `node_modules/
javascript/
*.s9pk
`
