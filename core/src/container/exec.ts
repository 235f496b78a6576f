import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import type { ExecOptions, ExecResult } from './contract.ts'

const DEFAULT_TIMEOUT = 30_000
const OUTPUT_LIMIT = 10 << 20
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
}

/** One-shot commands behind a prefix that enters the container. */
export class Execution {
  readonly #prefix: readonly string[]

  constructor(prefix: readonly string[]) {
    this.#prefix = prefix
  }

  async run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const [program = '', ...words] = [...this.#prefix, ...argv]
    const timeout = options.timeout ?? DEFAULT_TIMEOUT
    const result = await execa(program, words, {
      reject: false,
      extendEnv: false,
      env: { ...ENVIRONMENT, ...options.env },
      timeout,
      killSignal: 'SIGKILL',
      maxBuffer: OUTPUT_LIMIT,
      stripFinalNewline: false,
      ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
      ...(options.signal ? { cancelSignal: options.signal } : {}),
    })
    if (result.timedOut) throw new CodedError('Timeout', `${argv[0]} did not end within ${timeout / 1000} s`)
    if (result.exitCode === undefined) {
      throw new CodedError('Lxc', `${argv[0]} could not be run in the container`, { cause: result.cause })
    }
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }
  }
}
