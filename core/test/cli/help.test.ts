import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ERROR_KINDS } from '@startd/base/errors.ts'
import { CONTRACT } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import type { Command } from 'commander'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TOOLS } from '../../src/cli/commands/own.ts'
import { elsewhere } from '../../src/cli/help.ts'
import { TOP_LEVEL } from '../../src/cli/groups.ts'
import { manualPages } from '../../src/cli/man/index.ts'
import { escape } from '../../src/cli/man/roff.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { Person } from './run.ts'

let whole: Command
beforeAll(async () => {
  whole = await buildProgram('1', () => undefined)
})

function helpOf(program: Command, ...words: string[]): string {
  const command = words.reduce<Command | undefined>(
    (at, word) => at?.commands.find((child) => child.name() === word),
    program,
  )
  let text = ''
  command?.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

describe('the help', () => {
  it('puts every command into a chapter', () => {
    expect(whole.commands.map((command) => command.name()).filter((name) => !(name in TOP_LEVEL))).toEqual([])
  })

  it('has examples at each level', () => {
    const without: string[] = []
    const look = (command: Command, path: string[]) => {
      if (!helpOf(whole, ...path).includes('\nExamples:\n')) without.push(path.join(' '))
      for (const child of command.commands) look(child, [...path, child.name()])
    }
    look(whole, [])
    expect(without).toEqual([])
  })

  it('is the same when only what is needed of it was made', async () => {
    for (const words of [['package'], ['package', 'host'], ['package', 'install'], ['s9pk', 'pack']]) {
      const small = await buildProgram('1', () => undefined, [...words, '--help'])
      expect(helpOf(small, ...words)).toBe(helpOf(whole, ...words))
    }
  })

  it('calls the package tools as they call themselves', () => {
    for (const [name, description] of Object.entries(TOOLS))
      expect(whole.commands.find((command) => command.name() === name)?.description()).toBe(description)
  })

  it('has every error in the guide', async () => {
    const guide = await readFile(resolve(import.meta.dirname, '../../../docs/cli.md'), 'utf8')
    const rows = guide.split('\n').map((line) => line.replace(/ +/g, ' '))
    for (const [code, label] of Object.values(ERROR_KINDS)) expect(rows).toContain(`| ${code} | ${label} |`)
  })

  it('has no command of its own where a method is', () => {
    const first = new Set(Object.keys(CONTRACT).map((name) => name.split('.')[0]))
    expect(
      ['remote', 'completion', 'man', 'api', ...Object.keys(TOOLS)].filter((name) => first.has(name)),
    ).toEqual([])
  })

  it('finds the command that somebody may have meant', () => {
    expect(elsewhere(whole, 'install')).toEqual(['start-cli package install'])
    expect(elsewhere(whole, 'instal')).toEqual(['start-cli package install'])
    expect(elsewhere(whole, 'reboot')).toEqual([])
    expect(elsewhere(whole, 'logs')).toContain('start-cli package logs')
  })

  it('greets who types nothing else, and suggests on a slip', async () => {
    await using person = await Person.create()
    const bare = await person.cli([])
    expect([bare.status, bare.stdout]).toEqual([0, expect.stringMatching(/^start-cli controls your server/)])
    const slip = await person.cli(['instal', './x.s9pk'])
    expect([slip.status, slip.stdout]).toEqual([2, ''])
    expect(slip.stderr).toContain('start-cli package install')
    expect((await person.cli(['package', 'lst'])).stderr).toContain('Did you mean list?')
    expect((await person.cli(['package', 'start', 'x', '--froce'])).stderr).toContain('Did you mean --force?')
  })
})

describe('the manual', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'startd-man-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  it('has a page for every command that can be typed, and a checker finds nothing wrong', async () => {
    await using person = await Person.create()
    const { stdout } = await person.cli(['man', directory])
    const pages = await readdir(directory)
    expect(stdout).toBe(`${pages.length} pages are in ${directory}\n`)
    for (const [name, { cli }] of Object.entries<MethodDefinition>(CONTRACT))
      if (cli) expect(pages).toContain(`start-cli-${name.replaceAll('.', '-')}.1`)
    const files = pages.map((page) => join(directory, page))
    const checked = await execa('mandoc', ['-T', 'lint', '-W', 'warning', ...files], { reject: false })
    expect(checked.stdout).toBe('')
    const page = await execa('mandoc', ['-T', 'utf8', join(directory, 'start-cli-package-logs.1')])
    const text = page.stdout.replace(/.\u0008/g, '')
    expect(text).toContain('start-cli package logs hello-world -f')
    expect(text).toMatch(/--follow\s+Go on with what comes/)
  })

  it('lets every character mean itself', async () => {
    const nasty = `.TH a\\fB 'b' "c" -d ~e ^f \`g \\(em ü “q” \u{1F600} %h`
    const source = `.TH X 1 "" "" ""\n.SH NAME\nx \\- y\n.SH T\n.nf\n${escape(nasty)}\n.fi\n`
    const { stdout } = await execa('mandoc', ['-T', 'utf8'], { input: source })
    expect(stdout.replace(/.\u0008/g, '')).toContain(nasty)
    expect(await readFile(join(directory, 'start-cli.1'), 'utf8')).toContain('.SH EXIT STATUS')
  })

  it('leaves no page without a name and a use', () => {
    for (const [name, text] of manualPages(whole, '1')) {
      expect([name, text.includes('.SH NAME\n'), text.includes('.SH SYNOPSIS\n')]).toEqual([name, true, true])
    }
  })
})
