import { machine } from 'node:os'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../db/index.ts'
import { LxcDriver } from '../container/index.ts'
import { ServiceNet } from '../net/index.ts'
import { Boot } from './boot.ts'
import { Installer } from './install/installer.ts'
import { Lifecycle } from './lifecycle.ts'
import { servicePaths } from './paths.ts'
import { Records } from './record.ts'
import { Removal } from './removal.ts'
import { ServiceTable } from './service-table.ts'
import { install, pack } from './test/packages.ts'
import { openWorld, startDaemon } from './test/world.ts'

describe('the start of all services', () => {
  it('takes a service over before it does what is asked of it meanwhile', async () => {
    await using undo = new AsyncDisposableStack()
    const world = undo.adopt(await openWorld(), (opened) => opened.dispose())
    const first = await startDaemon(world.place)
    await install(first.services, await pack(world.scratch, { id: 'probe' }))
    await first.stop()

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
    const removal = new Removal(lifecycle, table)
    const boot = new Boot({ lifecycle, installer, removal, table, closing: closing.signal })
    await boot.prepare()
    const up = boot.bringUp()
    await lifecycle.rebuild('probe')
    const rebuilt = table.get('probe')
    await up
    expect(table.get('probe')).toBe(rebuilt)
    expect(await containers.list()).toEqual([rebuilt.container.guid])
    expect(lines.filter((line) => line.includes('could not'))).toEqual([])
  }, 120_000)
})
