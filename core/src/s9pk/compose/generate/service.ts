import type { HealthPlan, MountPlan, ProjectPlan, ServicePlan } from '../model.ts'
import { type Code, array, call, comment, imports, key, object, print, quoted } from './code.ts'
import { TextCode } from './text-code.ts'

/** Grace of a service that the compose file says nothing about: images take their time on a first start. */
const GRACE = 60_000

/** `startos/services/<id>.ts`: one part of the service, with its mounts, command and check. */
export function serviceFile(plan: ProjectPlan, service: ServicePlan): string {
  const texts = new TextCode(plan)
  const usesSettings = needsSettings(plan, service)
  const shared = service.health !== null
  const environment = environmentCode(texts, service)
  const hoisted = shared && environment !== null
  const exec = execCode(texts, service, hoisted ? 'env' : environment)
  const files = filesCode(texts, service)
  const ready = service.oneshot ? null : readyCode(texts, service, hoisted)
  const parameters = usesSettings ? 'effects: T.Effects, chosen: Settings' : 'effects: T.Effects'
  const health = ready?.helpers ?? []
  return [
    imports(['type T'], '@startd/sdk'),
    health.length > 0 ? imports(health, '../health.ts') : '',
    imports(['sdk'], '../sdk.ts'),
    usesSettings ? imports(['type Settings'], '../settings.ts') : '',
    imports(['startWith'], '../start.ts'),
    '\n',
    `/** “${service.name}”, which runs ${comment(service.imageRef)}. */\n`,
    `export function ${service.identifier}(${parameters}) {\n`,
    mountsCode(service.mounts),
    call('const subcontainer = sdk.SubContainer.of', subcontainerArguments(service), 2),
    hoisted ? `  const env = ${print(environment, 2, 14)}\n` : '',
    '  return {\n',
    '    subcontainer,\n',
    files === null
      ? `    exec: startWith(${print(exec, 4, 22)}),\n`
      : `    exec: startWith(\n      ${print(exec, 6)},\n      ${print(files, 6)},\n    ),\n`,
    ready === null ? '' : `    ready: ${print(ready.code, 4, 11)},\n`,
    '  }\n',
    '}\n',
  ].join('')
}

function subcontainerArguments({ image, mounts, id }: ServicePlan): string[] {
  return ['effects', `{ imageId: ${quoted(image)} }`, mounts.length > 0 ? 'mounts' : 'null', quoted(id)]
}

/** Whether anything of a service is made from the settings. */
export function needsSettings(plan: ProjectPlan, service: ServicePlan): boolean {
  const texts = new TextCode(plan)
  const { command, environment, files, health } = service
  const words = command.kind === 'argv' ? command.argv : (command.arguments ?? [])
  const checked =
    health === null ? [] : health.command.kind === 'argv' ? health.command.argv : [health.command.line]
  return [
    ...words,
    ...checked,
    ...environment.map(({ text }) => text),
    ...files.map(({ content }) => content),
  ].some((text) => texts.isMade(text))
}

function mountsCode(mounts: readonly MountPlan[]): string {
  if (mounts.length === 0) return ''
  const calls = mounts.map((mount) => {
    const options = object([
      mount.kind === 'volume' ? ['volumeId', quoted(mount.volume ?? '')] : null,
      ['subpath', mount.subpath === null ? 'null' : quoted(mount.subpath)],
      ['mountpoint', quoted(mount.target)],
      mount.kind === 'volume' ? ['readonly', String(mount.readonly)] : null,
      mount.file ? ['type', quoted('file')] : null,
    ])
    const name = mount.kind === 'volume' ? 'mountVolume' : 'mountAssets'
    return mounts.length === 1
      ? `.${name}(${print(options, 2, 32 + name.length)})\n`
      : `    .${name}(${print(options, 4, 6 + name.length)})\n`
  })
  if (calls.length === 1) return `  const mounts = sdk.Mounts.of()${calls.join('').trimStart()}`
  return `  const mounts = sdk.Mounts.of()\n${calls.join('')}`
}

function execCode(texts: TextCode, service: ServicePlan, environment: Code | null): Code {
  const { command, workdir, user, stopTimeout } = service
  const list = (words: readonly Parameters<TextCode['print']>[0][]) =>
    array(words.map((word) => texts.print(word)))
  const run: Code =
    command.kind === 'argv'
      ? list(command.argv)
      : `sdk.useEntrypoint(${command.arguments === null ? '' : print(list(command.arguments), 6, 28)})`
  return object([
    ['command', run],
    environment === null ? null : ['env', environment],
    workdir === null ? null : ['cwd', quoted(workdir)],
    user === null ? null : ['user', quoted(user)],
    stopTimeout === null ? null : ['sigtermTimeout', number(stopTimeout)],
  ])
}

function environmentCode(texts: TextCode, { environment }: ServicePlan): Code | null {
  if (environment.length === 0) return null
  return {
    kind: 'object',
    entries: environment.map(({ name, text, onlyWhenSet }) =>
      onlyWhenSet === null
        ? ([name, texts.print(text)] as const)
        : { raw: `...(chosen.${onlyWhenSet} === null ? {} : { ${key(name)}: ${texts.print(text)} })` },
    ),
  }
}

function filesCode(texts: TextCode, { files }: ServicePlan): Code | null {
  if (files.length === 0) return null
  return array(
    files.map(({ path, content, mode }) =>
      object([
        ['path', quoted(path)],
        ['content', texts.print(content)],
        ['mode', `0o${mode.toString(8)}`],
      ]),
    ),
  )
}

function readyCode(
  texts: TextCode,
  service: ServicePlan,
  withEnv: boolean,
): { code: Code; helpers: string[] } {
  const { health, ports, title } = service
  const display = quoted(title)
  const port = ports.find(({ udp }) => !udp) ?? ports[0]
  if (health !== null) {
    const command = commandCode(texts, health)
    const options = object([
      ['command', command],
      withEnv ? ['env', 'env'] : null,
      service.workdir === null ? null : ['cwd', quoted(service.workdir)],
      service.user === null ? null : ['user', quoted(service.user)],
      ['timeout', number(health.timeout)],
      ['retries', String(health.retries)],
      ['errorMessage', quoted(`${title} does not answer`)],
    ])
    return {
      helpers: [
        'checkCommand',
        ...(health.interval === null && health.startInterval === null ? [] : ['every']),
      ],
      code: object([
        ['display', display],
        ['gracePeriod', number(health.startPeriod ?? GRACE)],
        triggerCode(health),
        ['fn', `checkCommand(subcontainer, ${print(options, 6, 42)})`],
      ]),
    }
  }
  if (port === undefined) {
    return {
      helpers: [],
      code: object([
        ['display', display],
        ['fn', "() => ({ result: 'success', message: null }) as const"],
      ]),
    }
  }
  const messages = object([
    ['successMessage', quoted(`${title} answers`)],
    ['errorMessage', quoted(`${title} does not answer`)],
  ])
  return {
    helpers: [],
    code: object([
      ['display', display],
      ['gracePeriod', number(GRACE)],
      [
        'fn',
        `() =>\n        sdk.healthCheck.checkPortListening(effects, ${port.port}, ${print(messages, 8, 60)})`,
      ],
    ]),
  }
}

function triggerCode({ interval, startInterval }: HealthPlan): readonly [string, Code] | null {
  if (interval === null && startInterval === null) return null
  const usual = interval ?? 30_000
  return ['trigger', `every(${number(usual)}, ${number(startInterval ?? Math.min(usual, 5_000))})`]
}

function commandCode(texts: TextCode, { command }: HealthPlan): Code {
  return command.kind === 'shell'
    ? texts.print(command.line)
    : array(command.argv.map((word) => texts.print(word)))
}

/** `60_000` */
export function number(value: number): string {
  return value >= 10_000 ? String(value).replaceAll(/\B(?=(\d{3})+$)/g, '_') : String(value)
}
