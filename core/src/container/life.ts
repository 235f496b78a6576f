import { rm } from 'node:fs/promises'
import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import type { ContainerExit } from './contract.ts'
import type { Helper } from './helper.ts'
import { ID_BASE, type Instance, type Places } from './instance.ts'
import { lastLines } from './state.ts'
import { Supervisor } from './supervisor.ts'

const NEVER_RAN: ContainerExit = { code: null, signal: null }
const START_DEADLINE = 30_000

export interface LifeParts {
  readonly instance: Instance
  readonly places: Places
  readonly helper: Helper
  readonly logDir: string
}

/** Whether one container runs: its start, its end, and the process between that stands for both. */
export class Life {
  readonly #parts: LifeParts
  readonly #guid: string
  readonly #name: string
  #supervisor: Supervisor | null = null
  #exited: Promise<ContainerExit> = Promise.resolve(NEVER_RAN)

  /** `name` is what errors call it. */
  constructor(parts: LifeParts, guid: string, name: string) {
    this.#parts = parts
    this.#guid = guid
    this.#name = name
  }

  get running(): boolean {
    return this.#supervisor !== null
  }

  get exited(): Promise<ContainerExit> {
    return this.#exited
  }

  /** Host id of the container's init. */
  async initPid(): Promise<number> {
    if (!this.#supervisor) throw new CodedError('InvalidRequest', `${this.#name} does not run`)
    return this.#supervisor.running
  }

  /** Fulfils when the supervisor is there; `started` tells when init is. */
  async begin(bootId: string): Promise<void> {
    const { helper, instance, places, logDir } = this.#parts
    await rm(places.lxcLog, { force: true })
    const options = [
      '--socket',
      places.socket,
      '--log-dir',
      logDir,
      '--boot-id',
      bootId,
      '--owner',
      String(ID_BASE),
    ]
    const lxcStart = ['lxc-start', '-F', '-P', instance.lxcPath, '-n', this.#guid]
    await execa(helper.program, ['supervise', ...options, '--', ...lxcStart], { stdio: 'ignore' })
    if (!(await this.attach())) throw await this.#startError()
  }

  async started(): Promise<void> {
    const supervisor = this.#supervisor
    const deadline = AbortSignal.timeout(START_DEADLINE)
    const late = new Promise<never>((_, reject) => {
      deadline.addEventListener('abort', () => reject(new Error('timeout')), { once: true })
    })
    try {
      await Promise.race([supervisor?.running, late])
    } catch {
      if (!deadline.aborted) throw await this.#startError()
      supervisor?.kill()
      throw new CodedError('Timeout', `${this.#name} did not start within ${START_DEADLINE / 1000} s`)
    }
  }

  async #startError(): Promise<CodedError> {
    const reason = await lastLines(this.#parts.places.lxcLog, /ERROR/)
    return new CodedError('Lxc', `${this.#name} did not start${reason ? `: ${reason}` : ''}`)
  }

  /** Connects to the supervisor of a running container; false when there is none. */
  async attach(): Promise<boolean> {
    const supervisor = await Supervisor.connect(this.#parts.places.socket)
    if (!supervisor) return false
    this.#supervisor = supervisor
    this.#exited = supervisor.exited.then((exit) => this.#ended(exit))
    return true
  }

  /** Forgets the connection; the container goes on. */
  release(): void {
    this.#supervisor?.close()
    this.#supervisor = null
  }

  /** SIGTERM to init, SIGKILL to everything after `timeout` ms. */
  async stop(timeout: number): Promise<ContainerExit> {
    const supervisor = this.#supervisor
    if (!supervisor) return this.#exited
    supervisor.terminate()
    const timer = setTimeout(() => supervisor.kill(), timeout)
    try {
      return await this.#exited
    } finally {
      clearTimeout(timer)
    }
  }

  async #ended(exit: ContainerExit): Promise<ContainerExit> {
    this.#supervisor = null
    // Without its supervisor nobody writes the log or sees the end: such a container is ended too.
    if (exit.code === null && exit.signal === null) {
      await execa('lxc-stop', ['-P', this.#parts.instance.lxcPath, '-n', this.#guid, '--kill'], {
        reject: false,
      })
    }
    return exit
  }
}
