import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World } from '../api/world.ts'
import { CLI, Person } from './run.ts'

let world: World
let person: Person
beforeAll(async () => {
  world = await World.running()
  person = await Person.create({ STARTD_DATA: world.data })
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

/** A command that goes on until it is interrupted. */
class Watching implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  #seen = ''

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { env: person.env, cwd: person.home })
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#seen += text))
  }

  /** What was printed, once it fits. */
  async sees(expected: RegExp): Promise<string> {
    while (!expected.test(this.#seen)) await once(this.#child.stdout, 'data')
    return this.#seen
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGINT')
    await ended
  }
}

describe('what goes on', () => {
  it('metrics come as lines into a pipe, and as data when asked for', async () => {
    await using lines = new Watching(process.execPath, [CLI, 'server', 'metrics', '--watch'])
    await lines.sees(/^\d\d:\d\d:\d\d {2}processor [\d.]+ % {2}memory [\d.]+ % {2}disk [\d.]+ %.*\n\d\d:/)
    await using data = new Watching(process.execPath, [CLI, 'server', 'metrics', '-w', '--format', 'json'])
    const [first = ''] = (await data.sees(/\n/)).split('\n')
    expect(JSON.parse(first)).toHaveProperty('cpu.percentageUsed.value')
  })

  it('metrics are bars on a terminal, drawn again in their place', async () => {
    await using bars = new Watching('script', ['-qec', 'start-cli server metrics -w', '/dev/null'])
    const shown = await bars.sees(/\u001b\[3A\u001b\[J/)
    expect(shown).toMatch(/processor.*\[[#.]{30}\]/)
  })

  it('a log goes on with what comes', async () => {
    await using log = new Watching(process.execPath, [CLI, 'server', 'logs', '-f'])
    await log.sees(/INFO running\n/)
    // The services of this test download nothing: the fault of the call is logged.
    await world.call('package.install-url', { urls: ['https://example.com/x.s9pk'] })
    await log.sees(/ERROR a call failed/)
  })
})
