import type { InitKind, RuntimeParams } from '@startd/base/runtime-rpc.ts'
import { CallbackRegistry, EffectContext } from './context.ts'
import { type Effects, type HostCall, createEffects } from './effects.ts'
import { ProcedureError, RequestError } from './errors.ts'
import { HostConnection } from './host.ts'
import { MainRun } from './main-run.ts'
import { type PackageCode, actionOf, loadPackage } from './package-code.ts'
import { parseTarget } from './target.ts'

/** One service inside its container: the package's code, its effects contexts, and what runs of it. */
export class Runtime {
  readonly #packageDir: string
  readonly #host: HostConnection
  readonly #callbacks = new CallbackRegistry()
  readonly #root: EffectContext
  readonly #call: HostCall
  #code: PackageCode | null = null
  #init: Promise<unknown> | null = null
  #main: MainRun | null = null
  #ending: Promise<void> = Promise.resolve()
  #exited = false

  constructor(packageDir: string, hostSocket: string) {
    this.#packageDir = packageDir
    this.#host = new HostConnection(hostSocket, {
      onReturn: () => this.#callbacks.fireAll(),
      isAwaited: () => this.#callbacks.size > 0,
    })
    this.#call = (method, params) => this.#host.call(method, params)
    this.#root = new EffectContext(this.#callbacks, (only) => {
      this.#call('clear-callbacks', { only }).catch((error: unknown) => console.error(error))
    })
  }

  /** Whether `exit` has succeeded, after which the process has nothing left to do. */
  get exited(): boolean {
    return this.#exited
  }

  /** Loads and initialises the package. A repeated call joins or finds the first; after a failure it tries anew. */
  init(eventId: string, kind: InitKind): Promise<unknown> {
    this.#init ??= this.#runInit(eventId, kind).catch((error: unknown) => {
      this.#init = null
      this.#root.leaveChild('init')
      throw error
    })
    return this.#init
  }

  async #runInit(eventId: string, kind: InitKind): Promise<void> {
    this.#code ??= loadPackage(this.#packageDir)
    console.log(kind === null ? 'Preparing the service' : `Preparing the service (${kind})`)
    await this.#code.init({ effects: this.#effects('init', eventId), kind })
    console.log('The service is ready to start')
  }

  /** Runs `main`; a repeated call joins the running one. Fulfils when every daemon has its first status. */
  async start(): Promise<void> {
    const code = this.#loaded()
    const running = this.#main
    if (!running) console.log('Starting')
    const main = (this.#main ??= new MainRun(code, this.#effects('main', null), this.#ending))
    try {
      await main.built
      if (!running) console.log('Started')
    } catch (error) {
      if (this.#main === main) {
        this.#main = null
        this.#root.leaveChild('main')
      }
      throw error
    }
  }

  /** Leaves `main`, then ends its daemons. */
  async stop(): Promise<void> {
    this.#loaded()
    await this.endMain()
  }

  /** As `stop`, whatever state the package is in. A repeated call joins the first. */
  async endMain(): Promise<void> {
    const main = this.#main
    this.#main = null
    this.#root.leaveChild('main')
    if (!main) return this.#ending
    console.log('Stopping')
    const ending = this.#ending.then(() => main.end()).then(() => console.log('Stopped'))
    // The error is this caller's; those who only wait for the end need not fail.
    this.#ending = ending.catch(() => {})
    return ending
  }

  /** Stops and lets the package undo its initialisation. A package that was never loaded has nothing to undo. */
  async exit(eventId: string, target: string | null): Promise<void> {
    if (!this.#code) return
    await this.stop()
    await this.#code.uninit({
      effects: createEffects(this.#call, eventId, null),
      target: parseTarget(target),
    })
    this.#exited = true
  }

  /** Runs one procedure in a context named after its path. What the package throws comes as ProcedureError. */
  async execute({ id, procedure, input }: RuntimeParams<'execute'>): Promise<unknown> {
    const code = this.#loaded()
    try {
      return await runProcedure(code, procedure, input, () => this.#effects(procedure, id))
    } catch (error) {
      throw new ProcedureError(error)
    }
  }

  /** The host says that something watched has changed. */
  callback(id: number, args: readonly unknown[]): void {
    this.#callbacks.fire(id, args)
  }

  #loaded(): PackageCode {
    if (!this.#code) throw new RequestError('System not initialized')
    return this.#code
  }

  #effects(context: string, eventId: string | null): Effects {
    return createEffects(this.#call, eventId, this.#root.child(context))
  }
}

async function runProcedure(
  code: PackageCode,
  procedure: string,
  input: unknown,
  effects: () => Effects,
): Promise<unknown> {
  if (procedure === '/backup/create') return code.createBackup({ effects: effects() })
  const [, group, id, step, ...rest] = procedure.split('/')
  if (group === 'actions' && id && rest.length === 0) {
    if (step === 'getInput') {
      return actionOf(code, id).getInput({ effects: effects(), prefill: field(input, 'prefill') })
    }
    if (step === 'run') return actionOf(code, id).run({ effects: effects(), input: field(input, 'input') })
  }
  throw new Error(`Procedure ${procedure} not found`)
}

function field(input: unknown, name: string): unknown {
  return input !== null && typeof input === 'object'
    ? ((input as Record<string, unknown>)[name] ?? null)
    : null
}
