import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const CLI = resolve(import.meta.dirname, '../../src/bin/start-cli.ts')

export interface Outcome {
  status: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  env?: Record<string, string>
  input?: string
}

/** A person with a home directory of their own, who runs programs as a shell does. */
export class Person implements AsyncDisposable {
  readonly home: string
  readonly env: Record<string, string>

  private constructor(home: string, env: Record<string, string>) {
    this.home = home
    this.env = {
      PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      TERM: 'xterm',
      ...env,
    }
  }

  /** `env` says where the server on this machine is, for example. `start-cli` is on the path. */
  static async create(env: Record<string, string> = {}): Promise<Person> {
    const home = await mkdtemp(join(tmpdir(), 'startd-person-'))
    const program = join(home, 'bin', 'start-cli')
    await mkdir(join(home, 'bin'))
    await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`)
    await chmod(program, 0o755)
    return new Person(home, env)
  }

  /** `start-cli` with some arguments. */
  cli(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return this.run(process.execPath, [CLI, ...args], options)
  }

  run(program: string, args: readonly string[], { env, input }: RunOptions = {}): Promise<Outcome> {
    const child = spawn(program, args, { env: { ...this.env, ...env }, cwd: this.home })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.stdin.on('error', () => undefined).end(input ?? '')
    return new Promise((done, failed) => {
      child.on('error', failed)
      child.on('close', (status) => done({ status, stdout, stderr }))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.home, { recursive: true, force: true })
  }
}
