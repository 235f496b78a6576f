import type { Effects } from '../../src/effects.ts'

export interface RecordedCall {
  method: string
  /** As it would stand on the wire. */
  params: unknown
}

type Answer = (params: never) => unknown

/** A host in memory: records what is asked of it, answers what a test gives it, and fires callbacks. */
export class HostInMemory {
  readonly calls: RecordedCall[] = []
  readonly answers = new Map<string, Answer>()
  readonly root = new Context()
  readonly callbacks: { method: string; fire: () => void }[] = []
  dataVersion: string | null = null

  constructor() {
    this.answer('getDataVersion', () => this.dataVersion)
    this.answer('setDataVersion', ({ version }: { version: string | null }) => {
      this.dataVersion = version
      return null
    })
  }

  answer<P>(method: string, answer: (params: P) => unknown): this {
    this.answers.set(method, answer as Answer)
    return this
  }

  /** Effects in a new context below the root. */
  effects(name: string, eventId: string | null = null): Effects {
    return this.effectsIn(this.root.child(name), eventId, undefined)
  }

  /** Params of every call of a method, in order. */
  sent(method: string): unknown[] {
    return this.calls.filter((call) => call.method === method).map(({ params }) => params)
  }

  methods(): string[] {
    return this.calls.map(({ method }) => method)
  }

  /** Tells whoever waits for a change of what this method answers. */
  changed(method: string): void {
    for (const waiting of this.callbacks.splice(0)) {
      if (waiting.method === method) waiting.fire()
      else this.callbacks.push(waiting)
    }
  }

  effectsIn(context: Context, eventId: string | null, constRetry: Effects['constRetry']): Effects {
    const call = (method: string) => async (given?: { callback?: () => void }) => {
      const { callback, ...params } = given ?? {}
      this.calls.push({ method, params: JSON.parse(JSON.stringify(params)) as unknown })
      if (callback) this.callbacks.push({ method, fire: callback })
      return (await this.answers.get(method)?.(params as never)) ?? null
    }
    const group = (name: string, methods: string[]) =>
      Object.fromEntries(methods.map((method) => [method, call(`${name}.${method}`)]))
    const plain = Object.fromEntries(METHODS.map((method) => [method, call(method)]))
    const effects = {
      ...plain,
      eventId,
      constRetry,
      isInContext: true,
      action: group('action', ['export', 'clear', 'getInput', 'run', 'createTask', 'clearTasks']),
      notification: group('notification', ['create']),
      subcontainer: group('subcontainer', ['createFs', 'destroyFs']),
      plugin: { url: group('plugin.url', ['register', 'exportUrl', 'clearUrls']) },
      child: (name: string) => this.effectsIn(context.child(name), eventId, effects.constRetry),
      onLeaveContext: (fn: () => unknown) => context.onLeave(fn),
    } as unknown as Effects
    context.onLeave(() => {
      effects.isInContext = false
      effects.constRetry = undefined
    })
    return effects
  }
}

/** A span that can be left: children first, then its own hooks in order. */
export class Context {
  readonly children = new Map<string, Context>()
  readonly hooks: (() => unknown)[] = []

  child(name: string): Context {
    this.children.get(name)?.leave()
    const child = new Context()
    this.children.set(name, child)
    return child
  }

  onLeave(hook: () => unknown): void {
    this.hooks.push(hook)
  }

  leave(): void {
    for (const child of this.children.values()) child.leave()
    this.children.clear()
    for (const hook of this.hooks.splice(0)) hook()
  }
}

const METHODS = [
  'clearCallbacks',
  'restart',
  'shutdown',
  'getStatus',
  'setMainStatus',
  'setHealth',
  'setBackupProgress',
  'setInitProgress',
  'setDependencies',
  'getDependencies',
  'checkDependencies',
  'getInstalledPackages',
  'getServiceManifest',
  'mount',
  'bind',
  'bindRange',
  'clearBindings',
  'getServicePortForward',
  'getHostInfo',
  'getContainerIp',
  'getOsIp',
  'getOutboundGateway',
  'exportServiceInterface',
  'exportRangeServiceInterface',
  'getServiceInterface',
  'listServiceInterfaces',
  'clearServiceInterfaces',
  'getSslCertificate',
  'getSslKey',
  'setDataVersion',
  'getDataVersion',
  'getSystemSmtp',
]
