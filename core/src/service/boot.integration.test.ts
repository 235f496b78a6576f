import { createReadStream } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { machine } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../db/index.ts'
import { LxcDriver } from '../container/index.ts'
import { ServiceNet } from '../net/index.ts'
import { Boot } from './boot.ts'
import { Installer } from './install/installer.ts'
import { Lifecycle } from './lifecycle.ts'
import { entryOf } from './model.ts'
import { servicePaths } from './paths.ts'
import { Records } from './record.ts'
import { Removal } from './removal.ts'
import { ServiceTable } from './service-table.ts'
import { install, pack } from './test/packages.ts'
import { openWorld, remains, startDaemon, until, type World } from './test/world.ts'

const HANGING = `
const usualUninit = exports.uninit
exports.uninit = async (options) => {
  if (!fs.existsSync(VOLUME + '/hang')) return await usualUninit(options)
  fs.writeFileSync(VOLUME + '/hangs', '')
  await new Promise(() => undefined)
}
`

describe('the start of all services', () => {
  it('goes on with a removal that hung when the server was told to end', async () => {
    await using undo = new AsyncDisposableStack()
    const world = undo.adopt(await openWorld(), (opened) => opened.dispose())
    const first = await startDaemon(world.place)
    await install(first.services, await pack(world.scratch, { id: 'probe', code: HANGING }))
    const volume = join(world.place.dataDir, 'package-data/volumes/probe/data/main')
    await writeFile(join(volume, 'hang'), '')
    await first.services.uninstall('probe', { soft: false, force: true })
    await expect.poll(() => readdir(volume), { timeout: 20_000 }).toContain('hangs')
    await first.stop()
    expect(first.db.peek().public.packageData['probe']?.stateInfo.state).toBe('removing')
    expect(Object.values(first.db.peek().private.notifications)).toEqual([])

    await rm(join(volume, 'hang'))
    const second = await startDaemon(world.place)
    undo.defer(() => second.stop())
    await until(second.db, ({ public: { packageData } }) => !packageData['probe'], 'removed')
    await expect.poll(() => remains(world.place, 'probe')).toEqual([])
  }, 60_000)

  it('takes a service over before it does what is asked of it meanwhile', async () => {
    await using undo = new AsyncDisposableStack()
    const world = undo.adopt(await openWorld(), (opened) => opened.dispose())
    const first = await startDaemon(world.place)
    await install(first.services, await pack(world.scratch, { id: 'probe' }))
    await first.stop()

    const { boot, containers, lifecycle, lines, table } = await assemble(world, undo)
    await boot.prepare()
    const up = boot.bringUp()
    await lifecycle.rebuild('probe')
    const rebuilt = table.get('probe')
    await up
    expect(table.get('probe')).toBe(rebuilt)
    expect(await containers.list()).toEqual([rebuilt.container.guid])
    expect(lines.filter((line) => line.includes('could not'))).toEqual([])
  }, 120_000)

  it('makes an install wait for the update that an earlier run left', async () => {
    await using undo = new AsyncDisposableStack()
    const world = undo.adopt(await openWorld(), (opened) => opened.dispose())
    const file = await pack(world.scratch, { id: 'probe' })
    const first = await startDaemon(world.place)
    await install(first.services, file)
    await first.db.mutate((model) => {
      const entry = entryOf(model, 'probe')
      if (entry.stateInfo.state !== 'installed') throw new Error('not installed')
      const { manifest } = entry.stateInfo
      const installingInfo = { newManifest: manifest, progress: { overall: null, phases: [] } }
      entry.stateInfo = { state: 'updating', manifest, s9pk: `${entry.s9pk}.lost`, installingInfo }
    })
    await first.stop()

    const { boot, db, installer } = await assemble(world, undo)
    const again = () =>
      installer.install(createReadStream(file), {
        size: null,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      })
    await boot.prepare()
    await expect(again()).rejects.toMatchObject({
      kind: 'InvalidRequest',
      details: expect.stringContaining('wait until that has ended') as string,
    })
    await boot.bringUp()
    expect(entryOf(db.peek(), 'probe').stateInfo.state).toBe('installed')
    await expect(again()).resolves.toEqual({ id: 'probe' })
  }, 120_000)
})

/** The parts of a daemon's services, none of which has begun. */
async function assemble(world: World, undo: AsyncDisposableStack) {
  const opened = undo.use(await openDatabase(world.place.dataDir, () => undefined))
  const { db } = opened
  if (!db) throw new Error('the database is not there any more')
  const lines: string[] = []
  const log = (line: string) => void lines.push(line)
  const containers = new LxcDriver({ ...world.place, log })
  undo.defer(() => containers.close())
  await containers.open()
  const paths = servicePaths(world.place.dataDir)
  const place = { listenAddress: '127.0.0.1', bridgeAddress: containers.hostAddress }
  const net = new ServiceNet({ db, place, log })
  const table = new ServiceTable()
  const closing = new AbortController()
  const records = new Records(paths)
  const now = () => new Date()
  const deps = {
    db,
    containers,
    paths,
    records,
    net,
    packages: table,
    arch: machine(),
    version: '',
    now,
    log,
  }
  const lifecycle = new Lifecycle({ deps, table, closing: closing.signal })
  undo.defer(async () => {
    closing.abort()
    await lifecycle.idle()
    await Promise.all(table.all().map((service) => service.detach()))
    await net.close()
  })
  const installer = new Installer({ lifecycle, table, closing: closing.signal })
  const removal = new Removal({ lifecycle, table, closing: closing.signal })
  const boot = new Boot({ lifecycle, installer, removal, table, closing: closing.signal })
  return { boot, containers, db, installer, lifecycle, lines, table }
}
