import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World } from '../api/world.ts'
import { Person } from './run.ts'
import { pretendInstalled } from './services.ts'

let world: World
let person: Person
beforeAll(async () => {
  world = await World.running()
  await pretendInstalled(world, 'hello-world', 'photos')
  person = await Person.create({ STARTD_DATA: world.data })
  for (const shell of ['bash', 'zsh', 'fish'])
    await writeFile(join(person.home, shell), (await person.cli(['completion', shell])).stdout)
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

/** What bash offers when Tab is pressed behind `line`. */
async function bash(line: string, env: Record<string, string> = {}): Promise<string[]> {
  const script = `source ~/bash; COMP_LINE=$1; COMP_POINT=\${#1}; _start_cli; printf '%s\\n' "\${COMPREPLY[@]}"`
  const args = ['--norc', '--noprofile', '-c', script, 'bash', line]
  const { stdout, stderr } = await person.run('bash', args, { env })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

describe('the Tab key in bash', () => {
  it.each([
    ['start-cli pack', ['package']],
    ['start-cli package re', ['restart', 'rebuild', 'refetch']],
    ['start-cli package start ', ['hello-world', 'photos']],
    ['start-cli package start ph', ['photos']],
    ['start-cli package start --fo', ['--force', '--format']],
    ['start-cli package action run hello-world ', ['set-greeting']],
    ['start-cli server set-language d', ['de_DE']],
    ['start-cli --format json', ['json', 'json-pretty']],
    // Bash counts what stands before `=` and `:` as words of their own.
    ['start-cli --format=json-', ['json-pretty']],
    ['start-cli --host http://127.0.0.1:1 package start ', []],
    ['start-cli s9pk ins', ['inspect']],
    ['start-cli completion ', ['bash', 'zsh', 'fish']],
    ['start-cli no-such-command ', []],
    ['start-cli echo ', []],
  ])('%s', async (line, words) => {
    expect((await bash(line)).sort()).toEqual([...words].sort())
  })

  it('offers files where a file is wanted', async () => {
    expect(await bash('start-cli package install fi')).toEqual(['fish'])
    expect(await bash('start-cli --root-ca ba')).toEqual(['bash'])
  })

  it('knows the servers that were saved', async () => {
    await person.cli(['remote', 'add', 'attic', world.daemon.url])
    expect((await bash('start-cli --server ')).sort()).toEqual(['attic', 'local'])
    expect(await bash('start-cli remote use at')).toEqual(['attic'])
    const elsewhere = { STARTD_DATA: '/nonexistent' }
    expect(await bash('start-cli --server attic package start ', elsewhere)).toEqual([])
  })

  it('keeps quiet when the configuration is broken', async () => {
    await writeFile(join(person.home, 'broken.yaml'), 'servers: [')
    expect(await bash('start-cli --config broken.yaml package start ')).toEqual([])
  })
})

describe('other shells', () => {
  it('fish shows what each word means', async () => {
    const script = `source ~/fish; complete -C 'start-cli package start '; complete -C 'start-cli --format=y'; complete -C 'start-cli package install fi'`
    const { stdout, stderr } = await person.run('fish', ['--no-config', '-c', script])
    expect(stderr).toBe('')
    expect(stdout.trim().split('\n')).toEqual([
      'hello-world\t1.0.0:0, installed',
      'photos\t1.1.0:0, installed',
      '--format=yaml',
      'fish',
    ])
  })

  it('zsh completes what is typed', async () => {
    await writeFile(join(person.home, 'type.zsh'), ZSH)
    const { stdout, status } = await person.run('zsh', ['-f', join(person.home, 'type.zsh')])
    expect([status, stdout]).toEqual([0, 'completed\n'])
  })
})

/** A person at a terminal: types, presses Tab, goes on when the screen shows what it should. */
const ZSH = `
zmodload zsh/zpty zsh/zselect
screen=
await() {
  local chunk
  for turn in {1..400}; do
    while zpty -r -t shell chunk; do screen+=$chunk; done
    [[ $screen == *$1* ]] && { screen=; return 0 }
    zselect -t 5
  done
  print -r -- "the screen shows: $screen"; exit 1
}
zpty -b shell zsh -f -i
zpty -w shell 'unsetopt beep; PS1="READY "; autoload -Uz compinit; compinit -u -D; source ~/zsh; echo LOA""DED'
await LOADED
zpty -w -n shell $'start-cli package sto\\t'
await stop
zpty -w -n shell $'\\C-ustart-cli package start ph\\t'
await otos
zpty -d shell
print completed
`
