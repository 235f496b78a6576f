import { resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import type { Command } from 'commander'
import { editConfig } from '../config-edit.ts'
import { LOCAL, readConfig, type SavedServer, ServerName } from '../config-file.ts'
import { configPath, variable } from '../environment.ts'
import { examplesText } from '../help.ts'
import { render } from '../output.ts'
import { layout } from '../show/blocks.ts'
import { cell } from '../show/generic.ts'
import { terminalOf } from '../show/style.ts'
import { type GlobalFlags, originOf } from '../settings.ts'
import { readCertificates } from '../trust.ts'

type Print = (text: string) => void

/** `remote …`: servers by name, kept in the configuration file of this user. */
export function addRemoteCommands(program: Command, print: Print): void {
  const group = program
    .command('remote')
    .description('Servers that you talk to, by name')
    .addHelpText(
      'after',
      examplesText([
        'start-cli remote add attic https://attic.local',
        'start-cli remote list',
        'start-cli remote use attic',
      ]),
    )
  const add = group
    .command('add')
    .description('Save a server under a name; certificate flags are saved with it')
    .argument('<name>', 'Name: a-z, 0-9 and dashes')
    .argument('<address>', 'Address, such as https://attic.local')
    .addHelpText(
      'after',
      examplesText([
        'start-cli remote add attic https://attic.local --root-ca ./attic.crt',
        'start-cli remote add cabin http://192.168.1.5:8080',
      ]),
    )
    .action((name: string, address: string) => addServer(add, name, address))
  const list = group
    .command('list')
    .description('Show the saved servers; * is the one that is used')
    .addHelpText('after', examplesText(['start-cli remote list']))
    .action(() => listServers(list, print))
  const use = group
    .command('use')
    .description(`Choose the server that is used when none is named; “${LOCAL}” is the one on this machine`)
    .argument('<name>', 'From “remote list”')
    .addHelpText('after', examplesText(['start-cli remote use attic', `start-cli remote use ${LOCAL}`]))
    .action((name: string) => useServer(use, name))
  const remove = group
    .command('remove')
    .description('Forget a server; its login stays in the file with logins')
    .argument('<name>', 'From “remote list”')
    .addHelpText('after', examplesText(['start-cli remote remove attic']))
    .action((name: string) => removeServer(remove, name))
}

function fileOf(command: Command): string {
  return command.optsWithGlobals<GlobalFlags>().config ?? variable('STARTD_CONFIG') ?? configPath()
}

async function addServer(command: Command, name: string, address: string): Promise<void> {
  const checked = ServerName.safeParse(name)
  if (!checked.success)
    throw new CodedError('InvalidRequest', `“${name}”: ${checked.error.issues[0]?.message ?? 'not a name'}`)
  const { rootCa = [], insecure, cookiePath } = command.optsWithGlobals<GlobalFlags>()
  for (const path of rootCa) await readCertificates(path)
  const server: SavedServer = {
    host: originOf(address),
    ...(rootCa.length > 0 ? { 'root-ca': rootCa.map((path) => resolve(path)) } : {}),
    ...(insecure ? { insecure } : {}),
    ...(cookiePath === undefined ? {} : { 'cookie-path': resolve(cookiePath) }),
  }
  await editConfig(fileOf(command), (document) =>
    document.setIn(['servers', name], document.createNode(server)),
  )
}

async function listServers(command: Command, print: Print): Promise<void> {
  const config = await readConfig(fileOf(command), 'own')
  const format = command.optsWithGlobals<GlobalFlags>().format ?? null
  const used = config?.server ?? LOCAL
  const servers = Object.entries(config?.servers ?? {}).map(([name, { host }]) => ({
    name,
    host,
    used: name === used,
  }))
  if (format !== null && format !== 'table') return print(render(servers, format, null))
  const here = { name: LOCAL, host: 'the server on this machine', used: used === LOCAL }
  const rows = [here, ...servers].map(({ name, host, used: isUsed }) => [
    isUsed ? { text: '*', tone: 'good' as const } : '',
    name,
    cell(host),
  ])
  const columns = [{ head: '' }, { head: 'name', whole: true }, { head: 'address' }]
  print(layout([{ kind: 'table', columns, rows }], terminalOf(process.stdout)))
}

async function useServer(command: Command, name: string): Promise<void> {
  const file = fileOf(command)
  if (name !== LOCAL) await requireSaved(file, name)
  await editConfig(file, (document) => document.set('server', name))
}

async function removeServer(command: Command, name: string): Promise<void> {
  const file = fileOf(command)
  const { server } = await requireSaved(file, name)
  await editConfig(file, (document) => {
    document.deleteIn(['servers', name])
    if (server === name) document.delete('server')
  })
}

async function requireSaved(file: string, name: string) {
  const config = (await readConfig(file, 'own')) ?? {}
  if (config.servers?.[name] !== undefined) return config
  const known = Object.keys(config.servers ?? {}).join(', ') || 'none'
  throw new CodedError('NotFound', `No server is saved as “${name}” (saved: ${known})`)
}
