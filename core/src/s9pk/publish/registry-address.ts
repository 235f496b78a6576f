import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { CodedError } from '@startd/base/errors.ts'

const Workspace = z.object({ schema: z.unknown(), registry: z.record(z.string(), z.string()).default({}) })
const USUAL = 'default'

/**
 * The address of a registry: a URL, or a name that the workspace around `directory` gives one in
 * `.startos/config.yaml`. Without either, the workspace's `default`.
 */
export async function registryAddress(given: string | undefined, directory: string): Promise<URL> {
  const profiles = await profilesAround(resolve(directory))
  const text = profiles[given ?? USUAL] ?? given
  if (text === undefined)
    throw new CodedError(
      'InvalidRequest',
      'say which registry to publish in, such as --registry https://registry.example.com',
    )
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  const known = Object.keys(profiles)
  const list = known.length > 0 ? ` (there are: ${known.join(', ')})` : ''
  throw new CodedError(
    'InvalidRequest',
    `“${text}” is neither a web address nor a registry of this workspace${list}`,
  )
}

async function profilesAround(directory: string): Promise<Record<string, string>> {
  for (let at = directory; ; at = dirname(at)) {
    const path = join(at, '.startos', 'config.yaml')
    const text = await readFile(path, 'utf8').catch(() => null)
    const found = text === null ? null : Workspace.safeParse(parsed(path, text))
    if (found?.success && found.data.schema !== undefined) return found.data.registry
    if (dirname(at) === at) return {}
  }
}

function parsed(path: string, text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new CodedError('Deserialization', `${path} is not YAML`, { cause })
  }
}
