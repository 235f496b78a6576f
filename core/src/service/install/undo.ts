import { rm, stat } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import type { Database } from '@startd/base/model.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { readLogs } from '../logs/reader.ts'
import { statusError } from '../model.ts'
import { notify } from '../notifications.ts'
import { forgetPackage } from '../removal.ts'
import type { ServiceTable } from '../service-table.ts'
import { rollBack } from './entry.ts'
import { restoreSnapshot } from './snapshot.ts'

/** The owner has asked for the end of an install: nothing has failed that anybody must be told of. */
export class CancelledByOwner extends CodedError {
  constructor(id: string) {
    super('Cancelled', `the installation of “${id}” was cancelled`)
  }
}

/** How far a failed install had come. */
export interface Failed {
  readonly id: string
  readonly updating: boolean
  readonly file: string | null
  readonly touched: boolean
}

/** Takes a failed install back: data first, so that the old version never meets what the new one made of it. */
export class InstallUndo {
  readonly #lifecycle: Lifecycle
  readonly #table: ServiceTable

  constructor(lifecycle: Lifecycle, table: ServiceTable) {
    this.#lifecycle = lifecycle
    this.#table = table
  }

  async run(failed: Failed, reason: unknown): Promise<void> {
    const { deps } = this.#lifecycle
    deps.log(`${failed.id}: the installation failed and is undone: ${String(reason)}`)
    const service = this.#table.find(failed.id)
    const said = failed.touched ? await lastWords(deps.paths.logs(failed.id)) : null
    if (failed.touched) {
      if (service) await this.#lifecycle.unload(service)
      await restoreSnapshot(deps.paths, failed.id)
    }
    if (failed.updating) await this.#toOldVersion(failed, { reason, said })
    else await this.#toNothing(failed, { reason, said })
  }

  async #toOldVersion({ id, file, touched }: Failed, why: Why): Promise<void> {
    const { db, now, log } = this.#lifecycle.deps
    const old = db.peek().public.packageData[id]?.s9pk
    await db.mutate((model) => {
      rollBack(model, id)
      tell(model, id, 'Updating Failed', why, now())
    })
    if (file !== null && file !== old) await rm(file, { force: true })
    if (!touched) return
    try {
      await this.#lifecycle.load(id)
    } catch (error) {
      log(`${id}: the old version could not be loaded: ${String(error)}`)
    }
  }

  /** Data that was there before, kept by an earlier uninstall, stays. */
  async #toNothing({ id, file }: Failed, why: Why): Promise<void> {
    const { deps } = this.#lifecycle
    if (file !== null) await rm(file, { force: true })
    const keepData = await stat(deps.paths.volumes(id)).then(
      () => true,
      () => false,
    )
    await forgetPackage(deps, id, {
      keepData,
      change: (model) => {
        tell(model, id, 'Installing Failed', why, deps.now())
      },
    })
  }
}

interface Why {
  reason: unknown
  /** What the package wrote before it failed, as Markdown. */
  said: string | null
}

function tell(model: Database, packageId: string, title: string, { reason, said }: Why, now: Date): void {
  if (reason instanceof CancelledByOwner) return
  notify(model, {
    packageId,
    level: 'error',
    title,
    message: statusError(reason).details,
    markdown: said,
    now,
  })
}

/** The end of the log of the failed attempt, which is removed with it. */
async function lastWords(logs: string): Promise<string | null> {
  const { entries } = await readLogs(logs, { limit: 50, boot: 0 })
  if (entries.length === 0) return null
  const lines = entries.map(({ message }) => `    ${message}`)
  return ['The last lines of the service’s log:', '', ...lines].join('\n')
}
