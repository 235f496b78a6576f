import type { InterfacePlan, ProjectPlan } from '../model.ts'
import { identifierOf, unique } from '../names.ts'
import { type Code, imports, object, print, quoted } from './code.ts'

/** `startos/interfaces.ts`: how the service is opened. */
export function interfacesFile(plan: ProjectPlan): string {
  if (plan.interfaces.length === 0) {
    return `${imports(['sdk'], './sdk.ts')}\n/** Nothing of this service is opened to the outside. */\nexport const setInterfaces = sdk.setupInterfaces(async () => [])\n`
  }
  const names = new Set<string>()
  const origins: string[] = []
  const blocks = plan.interfaces.map((one) => {
    const name = unique(identifierOf(one.id), names, '')
    origins.push(`await ${name}Origin.export([${name}])`)
    const bind = print(bindCode(one), 2, 60)
    const options = object([])
    if (typeof options !== 'string' && options.kind === 'object')
      options.entries.push(
        { raw: '...plain' },
        ['id', quoted(one.id)],
        ['name', quoted(one.name)],
        ['description', quoted(one.description)],
        ['type', quoted(one.type)],
      )
    return [
      `  const ${name}Origin = await sdk.MultiHost.of(effects, ${quoted(one.id)}).bindPort(${one.port}, ${bind})\n`,
      `  const ${name} = sdk.createInterface(effects, ${print(options, 2, 90)})\n`,
    ].join('')
  })
  const receipts =
    origins.length === 1 ? `[${origins.join('')}]` : `[\n${origins.map((one) => `    ${one},\n`).join('')}  ]`
  return `${imports(['sdk'], './sdk.ts')}
const plain = { masked: false, schemeOverride: null, username: null, path: '', query: {} }

export const setInterfaces = sdk.setupInterfaces(async ({ effects }) => {
${blocks.join('\n')}
  return ${receipts}
})
`
}

function bindCode({ kind, externalPort }: InterfacePlan): Code {
  if (kind === 'http' || kind === 'https' || kind === 'ws') return object([['protocol', quoted(kind)]])
  if (kind === 'ssh' || kind === 'dns')
    return object([
      ['protocol', quoted(kind)],
      ['preferredExternalPort', String(externalPort)],
    ])
  return object([
    ['protocol', 'null'],
    ['preferredExternalPort', String(externalPort)],
    ['addSsl', 'null'],
    ['secure', 'null'],
  ])
}
