import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { CodedError } from '@startd/base/errors.ts'
import {
  manifestOf,
  NOTIFICATION_CODES,
  type DamagedPackage,
  type Database,
  type PackageCheck,
} from '@startd/base/model.ts'
import { type ByteSource, openS9pk, S9pkError } from '@startd/base/s9pk/index.ts'
import { handleSource, nativeHash } from '../s9pk/index.ts'
import { entryOf, findEntry, own, type Db } from './model.ts'
import { notify } from './notifications.ts'

/** In ms: whoever has just started the daemon wants the disk for himself. */
const LOOKS: Looks = { first: 15 * 60_000, every: 60 * 60_000 }
/** A file is read through this often, in ms. */
const CHECK_INTERVAL = 7 * 24 * 60 * 60_000
/** Rests for this many times as long as each read took, so that a service never waits long for the disk. */
const REST = 9

/** When it is looked for what is due, in ms. */
export interface Looks {
  /** After the start. */
  first: number
  every: number
}

export interface ScrubOptions {
  db: Db
  now: () => Date
  log: (line: string) => void
  /** Aborts when the daemon ends. */
  closing: AbortSignal
  looks?: Looks
}

/**
 * Reads the stored package files through from time to time, in the idle time of the disk, and tells the owner of
 * one that is no longer what its author has signed: disks forget, and a damaged image breaks a service much later.
 */
export class ArchiveScrub {
  readonly #options: ScrubOptions

  constructor(options: ScrubOptions) {
    this.#options = options
  }

  /** Fulfils when the daemon ends. */
  async run(): Promise<void> {
    const { closing, log, looks = LOOKS } = this.#options
    for (let pause = looks.first; ; pause = looks.every) {
      await delay(pause, undefined, { signal: closing, ref: false }).catch(() => undefined)
      if (closing.aborted) return
      for (const id of this.#due()) {
        if (closing.aborted) return
        await this.#check(id, restfully).catch((error: unknown) => {
          if (!closing.aborted) log(`${id}: its package file could not be checked: ${String(error)}`)
        })
      }
    }
  }

  /** Checks the file of an installed package now, as fast as the disk can; throws NotFound. */
  check(id: string): Promise<PackageCheck> {
    return this.#check(id, (source) => source)
  }

  /** Installed packages whose file was not read for long, or never. */
  #due(): string[] {
    const { db, now } = this.#options
    const model = db.peek()
    const before = now().getTime() - CHECK_INTERVAL
    return Object.entries(model.public.packageData)
      .filter(([id, { stateInfo, s9pk }]) => {
        const last = own(model.private.packageChecks ?? {}, id)
        const isKnown = last?.s9pk === s9pk && Date.parse(last.checkedAt) > before
        return stateInfo.state === 'installed' && !isKnown
      })
      .map(([id]) => id)
  }

  async #check(
    id: string,
    pace: (source: ByteSource, signal: AbortSignal) => ByteSource,
  ): Promise<PackageCheck> {
    const { db, now, closing } = this.#options
    const { s9pk, stateInfo } = entryOf(db.peek(), id)
    if (stateInfo.state !== 'installed') {
      throw new CodedError('InvalidRequest', `“${id}” cannot be checked while it is ${stateInfo.state}`)
    }
    const damage = await damageOf(s9pk, (source) => pace(source, closing), closing)
    const check: PackageCheck = { checkedAt: now().toISOString(), s9pk, damage }
    await db.mutate((model) => {
      // An update may have come meanwhile: then this says nothing of what is installed now.
      if (findEntry(model, id)?.s9pk === s9pk) record(model, id, check, now())
    })
    return check
  }
}

/** What is wrong with a package file, for a person to read; null when it is as it was signed. */
async function damageOf(
  path: string,
  pace: (source: ByteSource) => ByteSource,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    await using handle = await open(path, 'r')
    const { size } = await handle.stat()
    const s9pk = await openS9pk(pace(handleSource(handle, size)), { hash: nativeHash })
    await s9pk.verify(undefined, signal)
    return null
  } catch (error) {
    if (error instanceof S9pkError) return error.details
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'ENOENT') return 'the file is gone'
    if (code === 'EIO') return 'the disk cannot read the file any more'
    throw error
  }
}

/** On a draft: keeps the outcome, and tells the owner of damage that is new. */
function record(model: Database, id: string, check: PackageCheck, now: Date): void {
  const before = own(model.private.packageChecks ?? {}, id)
  model.private.packageChecks = { ...model.private.packageChecks, [id]: check }
  if (check.damage === null || (before?.s9pk === check.s9pk && before.damage !== null)) return
  const { title, version } = manifestOf(entryOf(model, id).stateInfo)
  const canRefetch = own(model.private.packageSources ?? {}, id) !== undefined
  const data: DamagedPackage = { id, version, canRefetch }
  notify(model, {
    packageId: id,
    level: 'error',
    title: `The package file of ${title} is damaged`,
    message:
      `Version ${version} as it is stored on this server is no longer what its author has signed: ` +
      // Without the reader's advice, which is for somebody with a file in hand.
      `${check.damage.split('. ')[0]}. The service’s own data is not in this file, but it may fail at its next ` +
      'start: install the same version once more to repair it. If this happens again, the disk may be failing.',
    code: NOTIFICATION_CODES.damagedPackage,
    data,
    now,
  })
}

/** Leaves most of the disk's time to others. */
function restfully(source: ByteSource, signal: AbortSignal): ByteSource {
  const rested = async (read: () => Promise<Uint8Array>) => {
    const start = performance.now()
    const bytes = await read()
    await delay((performance.now() - start) * REST, undefined, { signal })
    return bytes
  }
  return { size: source.size, read: (offset, length) => rested(() => source.read(offset, length)) }
}
