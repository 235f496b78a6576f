import { CodedError } from '@startd/base/errors.ts'
import type { Command } from 'commander'
import { type Format, render } from '../../output.ts'
import { ProgressView } from '../../progress-view.ts'

export type Print = (text: string) => void

export const KEY_OPTION = ['--developer-key-path <file>', 'Signing key of this user'] as const
export interface KeyFlags {
  developerKeyPath?: string
}

/** Prints a result in the format that was asked for; `plain` is what a person reads otherwise. */
export function show(
  command: Command,
  print: Print,
  value: unknown,
  plain: string | readonly string[] | null = null,
): void {
  const format = command.optsWithGlobals<{ format?: Format }>().format ?? null
  if (typeof plain === 'string' && (format === null || format === 'table')) return print(plain)
  print(render(value, format, typeof plain === 'string' ? null : plain))
}

export function example(command: Command, ...lines: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`)
}

/** Adds every value of a flag that may be given more than once. */
export function more(value: string, given: readonly string[]): string[] {
  return [...given, value]
}

/** What long work shows: steps and a bar on a terminal, warnings everywhere, else nothing. */
export class WorkView implements Disposable {
  #bar = new ProgressView()

  step(text: string): void {
    if (!process.stderr.isTTY) return
    this.#bar = new ProgressView()
    process.stderr.write(`${text}\n`)
  }

  progress(done: number, total: number): void {
    this.#bar.show({ overall: done >= total ? true : { done, total, units: 'bytes' }, phases: [] })
  }

  warn(text: string): void {
    process.stderr.write(`Warning: ${text}\n`)
  }

  [Symbol.dispose](): void {
    this.#bar[Symbol.dispose]()
  }
}

/** Runs work that tidies up after itself when somebody presses Ctrl-C or ends the program. */
export async function work<T>(run: (view: WorkView, signal: AbortSignal) => Promise<T>): Promise<T> {
  using view = new WorkView()
  const stopping = new AbortController()
  const stop = () => stopping.abort(new CodedError('Cancelled', 'stopped; nothing was changed'))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop)
  try {
    return await run(view, stopping.signal)
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, stop)
  }
}
