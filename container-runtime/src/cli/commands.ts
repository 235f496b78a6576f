import type { EffectName } from '@startd/base/effects.ts'
import { actionResultText } from './action-result.ts'
import { parseDependency } from './dependency.ts'

export interface Flags {
  readonly package?: string | undefined
  readonly format?: string | undefined
  readonly only?: string[] | undefined
  readonly except?: string[] | undefined
}

export interface Command {
  readonly method: EffectName
  readonly usage: string
  readonly params: (args: string[], flags: Flags) => object
  /** What goes to stdout; null prints nothing. */
  readonly print: (result: unknown, flags: Flags) => string | null
}

const nothing = (): null => null
const asText = (result: unknown): string => String(result)
const noParams = (): object => ({})

function plain(method: EffectName): Command {
  return { method, usage: '', params: noParams, print: nothing }
}

/** Every command that is one call to the host, by its words. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  echo: {
    method: 'echo',
    usage: 'MESSAGE',
    params: (args) => ({ message: required(args, 0, 'MESSAGE') }),
    print: asText,
  },
  'git-info': { method: 'git-info', usage: '', params: noParams, print: asText },
  'get-os-ip': { method: 'get-os-ip', usage: '', params: noParams, print: asText },
  'action clear': {
    method: 'action.clear',
    usage: '[--except ACTION]…',
    params: (_, flags) => ({ except: flags.except ?? [] }),
    print: nothing,
  },
  'action get-input': {
    method: 'action.get-input',
    usage: '[-p PACKAGE] ACTION [--format json|json-pretty]',
    params: (args, flags) => ({ packageId: flags.package ?? null, actionId: required(args, 0, 'ACTION') }),
    print: serialize,
  },
  'action run': {
    method: 'action.run',
    usage: '[-p PACKAGE] ACTION [INPUT-AS-JSON] [--format json|json-pretty]',
    params: (args, flags) => ({
      packageId: flags.package ?? null,
      actionId: required(args, 0, 'ACTION'),
      input: args[1] === undefined ? null : json(args[1]),
    }),
    print: (result, flags) =>
      flags.format === undefined ? actionResultText(result) : serialize(result, flags),
  },
  'action clear-tasks': {
    method: 'action.clear-tasks',
    usage: '[--only ID]… | [--except ID]…',
    params: (_, { only, except }) => ({ only: only ?? null, except: except ?? null }),
    print: nothing,
  },
  rebuild: plain('rebuild'),
  restart: plain('restart'),
  shutdown: plain('shutdown'),
  'set-main-status': {
    method: 'set-main-status',
    usage: 'running|stopped',
    params: (args) => ({ status: required(args, 0, 'running|stopped') }),
    print: nothing,
  },
  'get-status': {
    method: 'get-status',
    usage: '[PACKAGE]',
    params: (args) => ({ packageId: args[0] ?? null }),
    print: nothing,
  },
  'set-dependencies': {
    method: 'set-dependencies',
    usage: '[ID:exists | ID[:running][:CHECK+CHECK]]…',
    params: (args) => ({ dependencies: args.map(parseDependency) }),
    print: nothing,
  },
  'get-dependencies': { method: 'get-dependencies', usage: '', params: noParams, print: serialize },
  'check-dependencies': {
    method: 'check-dependencies',
    usage: '[PACKAGE]…',
    params: (args) => ({ packageIds: args.length > 0 ? args : null }),
    print: serialize,
  },
  'subcontainer create-fs': {
    method: 'subcontainer.create-fs',
    usage: 'IMAGE [NAME]',
    params: (args) => ({ imageId: required(args, 0, 'IMAGE'), name: args[1] ?? null }),
    print: (result) => String(Array.isArray(result) ? result[0] : result),
  },
  'subcontainer destroy-fs': {
    method: 'subcontainer.destroy-fs',
    usage: 'GUID',
    params: (args) => ({ guid: required(args, 0, 'GUID') }),
    print: nothing,
  },
  'set-data-version': {
    method: 'set-data-version',
    usage: '[VERSION]',
    params: (args) => ({ version: args[0] ?? null }),
    print: nothing,
  },
  'get-data-version': {
    method: 'get-data-version',
    usage: '',
    params: noParams,
    print: (result) => (result === null ? 'N/A' : String(result)),
  },
}

function required(args: string[], index: number, name: string): string {
  const value = args[index]
  if (value === undefined) throw new Error(`${name} is missing`)
  return value
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`the input is not JSON: ${text.slice(0, 100)}`)
  }
}

function serialize(result: unknown, flags: Flags): string {
  return JSON.stringify(result, null, flags.format === 'json' ? 0 : 2)
}
