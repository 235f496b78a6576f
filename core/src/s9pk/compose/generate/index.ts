import { stringify } from 'yaml'
import type { Finding } from '../ledger.ts'
import type { ProjectPlan } from '../model.ts'
import { actionsFile, showSecretsFile } from './actions.ts'
import { conversionFile, instructionsFile, licenseFile, packageJsonFile, readmeFile } from './documents.ts'
import { GITIGNORE_FILE, HEALTH_FILE, INDEX_FILE, SDK_FILE, TSCONFIG_FILE } from './fixed-files.ts'
import { iconFile } from './icon.ts'
import { backupsFile, initFile, versionsFile, volumesFile } from './init.ts'
import { interfacesFile } from './interfaces.ts'
import { mainFile, networkFile } from './main.ts'
import { manifestFile } from './manifest.ts'
import { serviceFile } from './service.ts'
import { configureFile, settingsFile } from './settings.ts'
import { startFile } from './start.ts'

/** The files of the project, by their path in it. */
export function generate(plan: ProjectPlan, file: string, findings: readonly Finding[]): Map<string, string> {
  const files: Record<string, string | null> = {
    '.gitignore': GITIGNORE_FILE,
    'CONVERSION.md': conversionFile(file, findings),
    LICENSE: licenseFile(plan),
    'README.md': readmeFile(plan, file),
    'icon.svg': iconFile(plan.id, plan.title),
    'images.yaml': imagesFile(plan),
    'instructions.md': instructionsFile(plan),
    'package.json': packageJsonFile(plan),
    'tsconfig.json': TSCONFIG_FILE,
    'startos/actions/configure.ts': configureFile(plan),
    'startos/actions/index.ts': actionsFile(plan),
    'startos/actions/show-secrets.ts': showSecretsFile(plan),
    'startos/backups.ts': backupsFile(plan),
    'startos/health.ts': plan.services.some(({ health }) => health !== null) ? HEALTH_FILE : null,
    'startos/index.ts': INDEX_FILE,
    'startos/init.ts': initFile(plan),
    'startos/interfaces.ts': interfacesFile(plan),
    'startos/main.ts': mainFile(plan),
    'startos/manifest.ts': manifestFile(plan),
    'startos/network.ts': networkFile(plan),
    'startos/sdk.ts': SDK_FILE,
    'startos/settings.ts': settingsFile(plan),
    'startos/start.ts': startFile(plan),
    'startos/versions.ts': versionsFile(plan),
    'startos/volumes.ts': volumesFile(plan),
  }
  for (const service of plan.services) files[`startos/services/${service.id}.ts`] = serviceFile(plan, service)
  return new Map(Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== null))
}

/** `images.yaml`, for images that lie on this machine. */
function imagesFile(plan: ProjectPlan): string | null {
  const local = plan.images.flatMap(({ id, source }) =>
    source.kind === 'recipe' ? [[id, source.recipe] as const] : [],
  )
  return local.length === 0 ? null : stringify(Object.fromEntries(local))
}
