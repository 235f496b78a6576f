import type { FillPlan, ProjectPlan } from '../model.ts'
import { type Code, array, imports, object, print, quoted } from './code.ts'
import { settingsVolumes } from './manifest.ts'

/** `startos/init.ts`: what happens when the service is installed, and whenever its container starts. */
export function initFile(plan: ProjectPlan): string {
  const withSettings = plan.settings.length > 0
  const required = plan.settings.filter((setting) => setting.required)
  const fills = plan.fills.length > 0
  const scripts = [
    'restoreInit',
    'versionGraph',
    ...(withSettings ? ['makeSettings'] : []),
    ...(fills ? ['fillVolumes'] : []),
    'setInterfaces',
    'setDependencies',
    'actions',
    ...(required.length > 0 ? ['askForSettings'] : []),
  ]
  return [
    required.length > 0 ? imports(['configure'], './actions/configure.ts') : '',
    imports(['actions'], './actions/index.ts'),
    imports(['restoreInit'], './backups.ts'),
    imports(['setInterfaces'], './interfaces.ts'),
    imports(['sdk'], './sdk.ts'),
    withSettings ? imports(['settings'], './settings.ts') : '',
    imports(['versionGraph'], './versions.ts'),
    fills ? imports(['fillVolumes'], './volumes.ts') : '',
    '\n',
    withSettings ? MAKE_SETTINGS : '',
    required.length > 0 ? askCode(required.map(({ key }) => key)) : '',
    'const setDependencies = sdk.setupDependencies(async () => ({}))\n\n',
    `export const init = sdk.setupInit(\n${scripts.map((name) => `  ${name},\n`).join('')})\n`,
    'export const uninit = sdk.setupUninit(versionGraph)\n',
  ].join('')
}

const MAKE_SETTINGS = `/** Fills in what nobody has chosen yet, and draws passwords and keys. */
const makeSettings = sdk.setupOnInit(async (effects) => {
  await settings.merge(effects, {})
})

`

function askCode(keys: string[]): string {
  const missing = keys.map((key) => `chosen?.${key}`)
  return `/** The service cannot start before its owner has filled in what has no default. */
const askForSettings = sdk.setupOnInit(async (effects, kind) => {
  if (kind === null) return
  const chosen = await settings.read().once()
  if (${missing.length === 1 ? missing.join('') : `[${missing.join(', ')}].every(Boolean)`}) return
  await sdk.action.createOwnTask(effects, configure, 'critical', {
    reason: 'The service needs some settings before it can start',
  })
})

`
}

/** `startos/volumes.ts`; null where no volume has to begin with anything. */
export function volumesFile(plan: ProjectPlan): string | null {
  if (plan.fills.length === 0) return null
  return `import { execFile } from 'node:child_process'
import { mkdir, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { T } from '@startd/sdk'
import type { manifest } from './manifest.ts'
import { sdk } from './sdk.ts'

const ASSETS = '/media/startos/assets'

interface Place {
  volumeId: T.VolumeIdOf<typeof manifest>
  imageId: T.ImageIdOf<typeof manifest>
  /** Where the volume is mounted. */
  path: string
  /** What it begins with instead of the image's own: a directory of the assets. */
  seed: string | null
  /** User and group that use it, where they are not those of the image. */
  owner: string | null
}

const PLACES: Place[] = ${print(array(plan.fills.map(placeCode)), 0, 24)}

const run = promisify(execFile)

/** A new volume begins as containers expect it: with what the image has at its place, and its owner. */
export const fillVolumes = sdk.setupOnInit(async (effects, kind) => {
  if (kind === null) return
  for (const { volumeId, imageId, path, seed, owner } of PLACES) {
    const volume = sdk.volumes[volumeId].path
    await mkdir(volume, { recursive: true })
    if ((await readdir(volume)).length > 0) continue
    if (seed !== null) await run('cp', ['-a', join(ASSETS, seed, '.'), volume])
    else {
      await sdk.SubContainer.withTemp(effects, { imageId }, null, 'fill', async (image) => {
        const source = await realpath(image.subpath(path)).catch(() => null)
        if (source?.startsWith(\`\${image.rootfs}/\`)) await run('cp', ['-a', \`\${source}/.\`, volume])
      })
    }
    if (owner !== null) await run('chown', ['-R', owner, volume])
  }
})
`
}

function placeCode({ volume, image, target, seed, owner }: FillPlan): Code {
  return object([
    ['volumeId', quoted(volume)],
    ['imageId', quoted(image)],
    ['path', quoted(target)],
    ['seed', seed === null ? 'null' : quoted(seed)],
    ['owner', owner === null ? 'null' : quoted(owner)],
  ])
}

/** `startos/backups.ts`: every volume whose content cannot be had again. */
export function backupsFile(plan: ProjectPlan): string {
  const kept = [...settingsVolumes(plan), ...plan.volumes].filter((id) => !plan.notBackedUp.includes(id))
  const left =
    plan.notBackedUp.length > 0
      ? `/** Left out, because it is made again: ${plan.notBackedUp.join(', ')}. */\n`
      : ''
  return `${imports(['sdk'], './sdk.ts')}
${left}export const { createBackup, restoreInit } = sdk.setupBackups(async () =>
  sdk.Backups.ofVolumes(${kept.map(quoted).join(', ')}),
)
`
}

/** `startos/versions.ts`. */
export function versionsFile(plan: ProjectPlan): string {
  const sources = [...new Set(plan.services.map(({ imageRef }) => imageRef))]
  return `import { IMPOSSIBLE, VersionGraph, VersionInfo } from '@startd/sdk'

const first = VersionInfo.of({
  // The application’s version, and after the colon the revision of this package.
  version: ${quoted(plan.version)},
  releaseNotes: ${quoted(`The first version, of ${sources.join(', ')}.`)},
  migrations: { up: async () => {}, down: IMPOSSIBLE },
})

export const versionGraph = VersionGraph.of({ current: first, other: [] })
`
}
