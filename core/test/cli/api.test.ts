import { CONTRACT } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import { addParameters, addSecrets } from '../../src/cli/parameters.ts'
import type { MethodListing } from '../../src/cli/commands/api.ts'

/** What a program prints for a command line that needs no server. */
async function printed(...args: string[]): Promise<string> {
  const lines: string[] = []
  const program = await buildProgram('1', (text) => lines.push(text))
  await program.parseAsync(args, { from: 'user' })
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

/** The words of a command line, as a shell sees them. */
function words(line: string): string[] {
  const found = line.replace(/^PASSWORD=\S+ /, '').match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? []
  return found.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}

describe('the examples in the help', () => {
  const shown = Object.entries<MethodDefinition>(CONTRACT).flatMap(([name, { cli }]) =>
    (cli?.examples ?? []).map((line) => [name, line] as const),
  )

  it.each(shown)('%s: %s', async (name, line) => {
    const [program, ...args] = words(line)
    expect(program).toBe('start-cli')
    const tree = (await buildProgram('1', () => undefined, args)).exitOverride()
    const leaf = name
      .split('.')
      .reduce<Command | undefined>((at, word) => at?.commands.find((c) => c.name() === word), tree)
    let ran = false
    leaf?.exitOverride().configureOutput({ writeErr: () => undefined })
    leaf?.action(() => void (ran = true))
    await tree.parseAsync(args, { from: 'user' })
    expect(ran).toBe(true)
  })
})

describe('flags', () => {
  it('are not called as those that every command has', async () => {
    const tree = await buildProgram('1', () => undefined)
    const own = (command: Command): string[] =>
      command.commands.flatMap((child) => [
        ...child.options.flatMap(({ long, short }) => [long, short]).map((flag) => `${child.name()} ${flag}`),
        ...own(child),
      ])
    const taken = tree.options.flatMap(({ long, short }) => [long, short]).filter((flag) => flag)
    expect(own(tree).filter((flag) => taken.includes(flag.split(' ')[1]))).toEqual([])
  })

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

  it('take secrets as plain text, and they are asked for where they are missing', async () => {
    expect(read('backup.create', 'disk-/dev/sdb1', '--password', 'a "secret"')).toEqual({
      targetId: 'disk-/dev/sdb1',
      password: 'a "secret"',
    })
    const asked: string[] = []
    const params = await addSecrets({ ssid: 'Home' }, CONTRACT['wifi.add'], async (question) => {
      asked.push(question)
      return 'typed'
    })
    expect([asked, params]).toEqual([['Password of the network: '], { ssid: 'Home', password: 'typed' }])
  })
})
