import { CONTRACT } from '@startd/base/rpc/contract.ts'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import { addParameters } from '../../src/cli/parameters.ts'
import type { MethodListing } from '../../src/cli/commands/api.ts'

/** What a program prints for a command line that needs no server. */
async function printed(...args: string[]): Promise<string> {
  const lines: string[] = []
  await buildProgram('1', (text) => lines.push(text)).parseAsync(args, { from: 'user' })
  return lines.join('\n')
}

describe('start-cli api methods', () => {
  it('lists every method with its schemas', async () => {
    const methods = JSON.parse(await printed('api', 'methods', '--format', 'json')) as MethodListing[]
    expect(methods.map(({ name }) => name)).toEqual(Object.keys(CONTRACT))
    expect(methods.find(({ name }) => name === 'echo')).toMatchObject({
      params: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
      result: { type: 'string' },
      auth: 'public',
      mark: 'CORE',
      sync: false,
    })
  })

  it('is a table unless asked for otherwise', async () => {
    expect(await printed('api', 'methods')).toMatch(/^NAME +AUTH +MARK +SUMMARY\ngit-info +session +LATER /)
  })
})

describe('flags', () => {
  const read = (name: keyof typeof CONTRACT, ...args: string[]) => {
    const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
    const parameters = addParameters(command, CONTRACT[name])
    command.parse(args, { from: 'user' })
    return parameters(command)
  }

  it('that are off or lists that are empty are said to the server, which wants to know', () => {
    expect(read('wifi.set-enabled')).toEqual({ enabled: false })
    expect(read('wifi.set-enabled', '--enabled')).toEqual({ enabled: true })
    expect(read('server.set-echoip-urls')).toEqual({ urls: [] })
    expect(read('package.attach', 'hello-world', 'ls', '/data')).toEqual({
      id: 'hello-world',
      command: ['ls', '/data'],
      tty: false,
      stderrTty: false,
    })
  })

  it('are on unless turned off where that is the rule', () => {
    const address = '{"ssl":false}'
    expect(read('server.host.binding.set-address-enabled', '80', '--address', address)).toEqual({
      internalPort: 80,
      address: { ssl: false },
    })
    expect(
      read('server.host.binding.set-address-enabled', '80', '--address', address, '--enabled', 'false'),
    ).toMatchObject({ enabled: false })
  })

  it('take secrets as plain text', () => {
    expect(read('backup.create', 'disk-/dev/sdb1', 'a "secret"')).toEqual({
      targetId: 'disk-/dev/sdb1',
      password: 'a "secret"',
    })
  })
})
