import type { ProjectPlan } from '../model.ts'
import { imports, object, print, quoted } from './code.ts'
import { needsSettings } from './service.ts'

/** `startos/main.ts`: the parts of the service in the order in which they start. */
export function mainFile(plan: ProjectPlan): string {
  const withSettings = new Set(plan.services.filter((service) => needsSettings(plan, service)))
  const entries = plan.services.map((service) => {
    const call = `${service.identifier}(effects${withSettings.has(service) ? ', chosen' : ''})`
    const requires = `[${service.requires.map(quoted).join(', ')}]`
    return `    .${service.oneshot ? 'addOneshot' : 'addDaemon'}(${quoted(service.id)}, { ...${call}, requires: ${requires} })\n`
  })
  const network = networkSettings(plan).size > 0
  return [
    network ? imports(['setUpNetwork'], './network.ts') : '',
    imports(['sdk'], './sdk.ts'),
    ...plan.services
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, identifier }) => imports([identifier], `./services/${id}.ts`)),
    withSettings.size > 0 ? imports(['settings'], './settings.ts') : '',
    '\n',
    'export const main = sdk.setupMain(async ({ effects }) => {\n',
    withSettings.size > 0 ? READ_SETTINGS : '',
    network ? '  await setUpNetwork()\n\n' : '',
    entries.length === 1
      ? `  return sdk.Daemons.of(effects)${(entries[0] ?? '').trimStart()}`
      : `  return sdk.Daemons.of(effects)\n${entries.join('')}`,
    '})\n',
  ].join('')
}

const READ_SETTINGS = `  // Other settings take effect by starting again.
  const chosen = await settings.read().const(effects)
  if (!chosen) throw new Error('The settings are missing. Restart the service to have them made.')

`

/** Settings below \`/proc/sys/net\`: those of the file, and that low ports are open to every user. */
export function networkSettings(plan: ProjectPlan): Map<string, string> {
  const low = plan.services.some(({ ports }) => ports.some(({ port }) => port < 1024))
  return new Map([...(low ? [['ipv4/ip_unprivileged_port_start', '0'] as const] : []), ...plan.sysctls])
}

/** `startos/network.ts`; null where nothing is to be set. */
export function networkFile(plan: ProjectPlan): string | null {
  const settings = networkSettings(plan)
  if (settings.size === 0) return null
  const values = object([...settings].map(([path, value]) => [path, quoted(value)] as const))
  return `import { writeFile } from 'node:fs/promises'

/** Settings of the service's own network, below /proc/sys/net. */
const SETTINGS = ${print(values, 0, 17)}

/** Every user may listen on low ports, and the rest of what the compose file asks for, as in containers. */
export async function setUpNetwork(): Promise<void> {
  for (const [name, value] of Object.entries(SETTINGS)) {
    await writeFile(\`/proc/sys/net/\${name}\`, value).catch((error: unknown) => {
      console.warn(\`the network setting \${name} could not be made:\`, error)
    })
  }
}
`
}
