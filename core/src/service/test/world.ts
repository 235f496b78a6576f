import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { buildRootfs } from '../../../../build/rootfs/index.ts'
import { buildRuntime } from '../../../../container-runtime/build.ts'
import { LxcDriver, type DriverOptions } from '../../container/index.ts'
import { firstDocument, openDatabase } from '../../db/index.ts'
import type { StatusInfo } from '@startd/base/model.ts'
import type { Db } from '../model.ts'
import { Services } from '../index.ts'

const PROJECT = join(import.meta.dirname, '../../../..')

/** What a daemon of the test stands on, as text: a child process opens the same. */
export interface Place extends DriverOptions {
  readonly dataDir: string
}

/** One daemon's services on a data directory; several may follow one another on the same. */
export interface Daemon {
  readonly db: Db
  readonly services: Services
  readonly driver: LxcDriver
  readonly lines: string[]
  /** As a daemon that ends: services run on. */
  stop(): Promise<void>
}

export async function startDaemon(place: Place): Promise<Daemon> {
  const lines: string[] = []
  const log = (line: string) => {
    lines.push(line)
    if (process.env['STARTD_TEST_LOG']) console.error(line)
  }
  const opened = await openDatabase(place.dataDir, log)
  const account = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }
  const db = opened.db ?? (await opened.seed(firstDocument(account)))
  const driver = new LxcDriver({ ...place, log })
  await driver.open()
  const services = new Services({
    db,
    containers: driver,
    dataDir: place.dataDir,
    listenAddress: '127.0.0.1',
    version: 'test',
    log,
  })
  await services.load()
  return {
    db,
    services,
    driver,
    lines,
    async stop() {
      await services.close()
      await driver.close()
      await opened[Symbol.asyncDispose]()
    },
  }
}

/** A data directory of its own; `dispose` takes down all that a daemon has made there. */
export interface World {
  readonly place: Place
  readonly scratch: string
  dispose(): Promise<void>
}

export async function openWorld(): Promise<World> {
  const cache = join(homedir(), '.cache')
  await mkdir(cache, { recursive: true })
  await using undo = new AsyncDisposableStack()
  const home = undo.adopt(await mkdtemp(join(cache, 'startd-service-')), (path) =>
    rm(path, { recursive: true, force: true }),
  )
  const scratch = join(home, 'scratch')
  const runtime = join(home, 'runtime')
  await mkdir(scratch)
  await buildRuntime(runtime)
  const nodeBinary = join(PROJECT, 'node_modules/node/bin/node')
  const { squashfs, helper } = await buildRootfs({ nodeBinary, log: () => undefined })
  const place = { dataDir: join(home, 'data'), rootfs: squashfs, helper, runtime }
  undo.defer(() => new LxcDriver(place).purge())
  const life = undo.move()
  return { place, scratch, dispose: () => life.disposeAsync() }
}

/** Fulfils with the first value of the database that `pick` answers anything for. */
export async function until<R>(
  db: Db,
  pick: (model: ReturnType<Db['peek']>) => R | null | undefined | false,
  what: string,
  timeout = 30_000,
): Promise<R> {
  const signal = AbortSignal.timeout(timeout)
  using watcher = db.watch([])
  for (;;) {
    const found = pick(
      await watcher.changed(signal).catch(() => Promise.reject(new Error(`not seen: ${what}`))),
    )
    if (found !== null && found !== undefined && found !== false) return found
  }
}

/** Fulfils with the first status of a service that `is` is true of. */
export function statusOf(db: Db, id: string, is: (status: StatusInfo) => boolean): Promise<StatusInfo> {
  return until(
    db,
    ({ public: { packageData } }) => {
      const status = packageData[id]?.statusInfo
      return status && is(status) ? status : null
    },
    `a status of ${id}: ${is.toString()}`,
  )
}

/** What services of this data directory have left on the machine and on disk. */
export async function remains(place: Place, id: string): Promise<string[]> {
  const [mounts, ...listings] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8'),
    ...['archive/installed', 'archive/downloading', 'volumes', 'records'].map(async (name) => {
      const names = await readdir(join(place.dataDir, 'package-data', name)).catch(() => [])
      return names.map((entry) => `${name}/${entry}`)
    }),
    readdir(join(place.dataDir, 'logs')).catch(() => []),
    readdir(join(place.dataDir, 'run/c')).catch(() => []),
  ])
  return [
    ...(mounts as string)
      .split('\n')
      .filter((line) => line.includes(`${place.dataDir}/package-data/volumes/${id}/`)),
    ...(listings as string[][]).flat(),
  ]
}
