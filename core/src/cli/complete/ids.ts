import type { Command } from 'commander'
import type { Database } from '@startd/base/model.ts'
import type { Client } from '../client.ts'
import { LOCAL, readConfig } from '../config-file.ts'
import { configPath } from '../environment.ts'
import { openSession, withDeadline } from '../session.ts'
import type { Place } from './place.ts'
import type { Candidate } from './words.ts'

/** Somebody waits with a finger on the Tab key. */
const PATIENCE = 1500

/** What exists under a parameter's name: saved servers, and what the server knows (services, actions, networks …). */
export async function idCandidates(program: Command, place: Place, parameter: string): Promise<Candidate[]> {
  if (parameter === 'server' || (place.path[0] === 'remote' && parameter === 'name')) return savedServers()
  const ask = sourceOf(place, parameter)
  if (!ask) return []
  // The flags that were typed so far say which server is asked; complaints about the rest are of no use.
  const flags = program
    .createCommand()
    .configureOutput({ writeErr: () => undefined })
    .exitOverride()
  for (const option of program.options) flags.addOption(option)
  flags.allowUnknownOption().allowExcessArguments().parse(place.flags, { from: 'user' })
  return withDeadline(
    PATIENCE,
    openSession(flags, () => undefined).then(({ client }) => ask(client)),
  )
}

async function savedServers(): Promise<Candidate[]> {
  const servers = (await readConfig(configPath(), 'own'))?.servers ?? {}
  const here = { word: LOCAL, meaning: 'The server on this machine' }
  return [here, ...Object.entries(servers).map(([word, { host }]) => ({ word, meaning: host }))]
}

type Source = (client: Client) => Promise<Candidate[]>

function sourceOf({ path, before }: Place, parameter: string): Source | null {
  const [group] = path
  const name = parameter.replace(/-[a-z]/g, (text) => text.slice(1).toUpperCase())
  const isPackage = group === 'package' && path[1] !== 'backup'
  if (name === 'packageId' || name === 'package' || name === 'packageIds' || (isPackage && name === 'id'))
    return services
  if (name === 'actionId' && before[0] !== undefined) return actions(before[0])
  if (name === 'host' && before[0] !== undefined && path[1] === 'host') return hosts(before[0])
  if (name === 'gateway' || (path[1] === 'gateway' && name === 'id')) return gateways
  if (name === 'targetId') return targets
  return null
}

const services: Source = async (client) =>
  (await client.call('package.list', {})).map(({ id, version, status }) => ({
    word: id,
    meaning: `${version}, ${status}`,
  }))

const actions =
  (id: string): Source =>
  async (client) => {
    const all = (await packageData(client))[id]?.actions ?? {}
    return Object.entries(all).map(([word, { name }]) => ({ word, meaning: name }))
  }

const hosts =
  (id: string): Source =>
  async (client) =>
    (await client.call('package.host.list', { package: id })).map((word) => ({ word, meaning: '' }))

const gateways: Source = async (client) =>
  Object.entries(await client.call('net.gateway.list', {})).map(([word, { name }]) => ({
    word,
    meaning: name ?? '',
  }))

const targets: Source = async (client) =>
  Object.keys(await client.call('backup.target.list', {})).map((word) => ({ word, meaning: '' }))

async function packageData(client: Client): Promise<Database['public']['packageData']> {
  const { value } = await client.call('db.dump', { pointer: '/public/packageData' })
  return value as Database['public']['packageData']
}
