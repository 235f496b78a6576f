import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { machine } from 'node:os'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { install, pack, without } from './test/packages.ts'
import { openWorld, remains, startDaemon, statusOf, until, type Daemon, type World } from './test/world.ts'

describe('installing', () => {
  let world: World
  let daemon: Daemon
  const entry = () => daemon.db.peek().public.packageData['probe']
  const file = (name: string) => join(world.place.dataDir, 'package-data/volumes/probe/data/main', name)
  const lastNotification = () => Object.values(daemon.db.peek().private.notifications).at(-1)
  const archives = () => readdir(join(world.place.dataDir, 'package-data/archive/installed'))
  const running = () =>
    statusOf(daemon.db, 'probe', ({ started, health }) => started !== null && !!health['web'])
  const uninstalled = async () => {
    await daemon.services.uninstall('probe', { soft: false, force: false })
    await until(daemon.db, ({ public: { packageData } }) => !packageData['probe'], 'removed')
    await expect.poll(() => remains(world.place, 'probe')).toEqual([])
  }
  const expectNothing = async () => {
    expect(entry()).toBeUndefined()
    expect(await remains(world.place, 'probe')).toEqual([])
    expect(Object.keys(daemon.db.peek().private.availablePorts)).toEqual(['80', '443'])
  }

  beforeAll(async () => {
    world = await openWorld()
    daemon = await startDaemon(world.place)
  }, 180_000)
  afterAll(async () => {
    await daemon.stop()
    await world.dispose()
  }, 60_000)

  describe('a bad package', () => {
    const damaged = async (damage: (bytes: Buffer) => Buffer) => {
      const good = await readFile(await pack(world.scratch, { id: 'probe' }))
      const path = join(world.scratch, 'damaged.s9pk')
      await writeFile(path, damage(good))
      return path
    }

    it.each([
      ['that is cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5000), 'InvalidSignature'],
      ['with a wrong signature', (bytes: Buffer) => flipped(bytes, 40), 'InvalidSignature'],
      ['with a changed file', (bytes: Buffer) => flipped(bytes, bytes.length - 5000), 'InvalidSignature'],
      [
        'of version 1',
        (bytes: Buffer) => Buffer.concat([Buffer.from('3b3b01', 'hex'), bytes.subarray(3)]),
        'ParseS9pk',
      ],
      ['that is something else', () => Buffer.from('PK something zipped'), 'ParseS9pk'],
      ['without a byte', () => Buffer.alloc(0), 'ParseS9pk'],
    ])('%s is refused and leaves nothing', async (_, damage, kind) => {
      await expect(install(daemon.services, await damaged(damage))).rejects.toMatchObject({ kind })
      await expectNothing()
    })

    it('for another architecture is refused and leaves nothing', async () => {
      const path = await pack(world.scratch, {
        id: 'probe',
        arch: machine() === 'riscv64' ? 'x86_64' : 'riscv64',
      })
      await expect(install(daemon.services, path)).rejects.toThrow(/for this machine/)
      await expectNothing()
    })

    it('without its image is refused and leaves nothing', async () => {
      const path = await without(await pack(world.scratch, { id: 'probe' }), /\.squashfs$/, /^images/)
      await expect(install(daemon.services, path)).rejects.toThrow(/image/)
      await expectNothing()
    })

    it('whose init throws is taken back with a notification', async () => {
      const code = `exports.init = async ({ effects }) => { note('touched'); console.log('about to fail'); throw new Error('init is broken') }`
      const path = await pack(world.scratch, { id: 'probe', code })
      await expect(install(daemon.services, path)).rejects.toThrow('init is broken')
      await expectNothing()
      expect(lastNotification()).toMatchObject({
        packageId: 'probe',
        level: 'error',
        title: 'Installing Failed',
      })
      expect(lastNotification()?.message).toContain('init is broken')
      expect(lastNotification()?.data).toContain('    about to fail')
    }, 60_000)

    it('whose code cannot be loaded is taken back', async () => {
      const code = `if (process.env.LANG === 'en_US.UTF-8' && process.ppid < 10) throw new Error('does not load')`
      const path = await pack(world.scratch, { id: 'probe', code })
      await expect(install(daemon.services, path)).rejects.toThrow('does not load')
      await expectNothing()
    }, 60_000)

    it('whose process ends in init is taken back', async () => {
      const path = await pack(world.scratch, {
        id: 'probe',
        code: `exports.init = async () => process.exit(3)`,
      })
      await expect(install(daemon.services, path)).rejects.toMatchObject({ kind: 'Lxc' })
      await expectNothing()
    }, 60_000)

    it('that does not fit on the disk is refused and leaves nothing', async () => {
      const path = await pack(world.scratch, { id: 'probe' })
      const downloading = join(world.place.dataDir, 'package-data/archive/downloading')
      await execa('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', downloading])
      try {
        await expect(install(daemon.services, path)).rejects.toThrow(/space/)
      } finally {
        await execa('umount', [downloading])
      }
      await expectNothing()
    })

    it('that fills the disk while it initialises is taken back', async () => {
      const volumes = join(world.place.dataDir, 'package-data/volumes')
      await mkdir(volumes, { recursive: true })
      await execa('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', volumes])
      try {
        const code = `exports.init = async () => fs.writeFileSync(VOLUME + '/big', Buffer.alloc(1 << 20))`
        const path = await pack(world.scratch, { id: 'probe', code })
        await expect(install(daemon.services, path)).rejects.toThrow(/ENOSPC/)
        await expectNothing()
      } finally {
        await execa('umount', [volumes])
      }
    }, 60_000)

    it('whose main throws shows why, tries again, and is forgiven when stopped', async () => {
      const code = `exports.main = async () => { throw new Error('main is broken') }`
      await install(daemon.services, await pack(world.scratch, { id: 'probe', code }))
      await daemon.services.start('probe', false)
      const status = await statusOf(daemon.db, 'probe', ({ error }) => error !== null)
      expect(status.error?.details).toContain('main is broken')
      expect(status).toMatchObject({ started: null, desired: { main: 'running' } })
      await daemon.services.stop('probe')
      await statusOf(daemon.db, 'probe', ({ error }) => error === null)
      await uninstalled()
    }, 60_000)

    it('whose main ends the process at once is brought up again later and says so', async () => {
      await install(
        daemon.services,
        await pack(world.scratch, { id: 'probe', code: `exports.main = async () => process.exit(4)` }),
      )
      await daemon.services.start('probe', false)
      const { error } = await statusOf(daemon.db, 'probe', (info) =>
        /started again in [1-9]/.test(info.error?.details ?? ''),
      )
      expect(error?.details).toContain('exit code 4')
      await daemon.services.stop('probe')
      await daemon.services.uninstall('probe', { soft: false, force: true })
      await until(daemon.db, ({ public: { packageData } }) => !packageData['probe'], 'removed')
      await expect.poll(() => remains(world.place, 'probe')).toEqual([])
    }, 60_000)
  })

  it('is loaded again after its container died, also when that fails at first', async () => {
    const code = `const usual = { init: exports.init, main: exports.main }
      const first = (name) => !fs.existsSync(VOLUME + name) && (fs.writeFileSync(VOLUME + name, ''), true)
      exports.init = async (options) => {
        if (options.kind === null && first('/failed')) throw new Error('init fails once')
        await usual.init(options)
      }
      exports.main = async (options) => first('/died') ? process.exit(4) : await usual.main(options)`
    await install(daemon.services, await pack(world.scratch, { id: 'flaky', code }))
    await daemon.services.start('flaky', false)
    await statusOf(daemon.db, 'flaky', ({ error }) => error?.details.includes('init fails once') ?? false)
    await statusOf(daemon.db, 'flaky', ({ started, error }) => started !== null && error === null)
    await daemon.services.uninstall('flaky', { soft: false, force: false })
    await until(daemon.db, ({ public: { packageData } }) => !packageData['flaky'], 'removed')
  }, 60_000)

  it('can be removed by force, or rebuilt, while the package hangs in its init', async () => {
    const code = `const usual = exports.init
      exports.init = async (options) => { await usual(options); if (options.kind === null) await new Promise(() => note('hangs')) }`
    await install(daemon.services, await pack(world.scratch, { id: 'probe', code }))
    const hangs = (times: number) =>
      expect.poll(async () => (await readFile(file('notes'), 'utf8')).split('hangs').length - 1).toBe(times)
    const first = expect(daemon.services.rebuild('probe')).rejects.toMatchObject({ kind: 'Cancelled' })
    await hangs(1)
    const second = expect(daemon.services.rebuild('probe')).rejects.toMatchObject({ kind: 'Cancelled' })
    await first
    await hangs(2)
    await daemon.services.uninstall('probe', { soft: false, force: true })
    await second
    await until(daemon.db, ({ public: { packageData } }) => !packageData['probe'], 'removed')
    await expect.poll(() => remains(world.place, 'probe')).toEqual([])
  }, 60_000)

  it('can be cancelled while the package initialises, and leaves no word of failure', async () => {
    const told = Object.keys(daemon.db.peek().private.notifications)
    const code = `exports.init = () => new Promise(() => note('waiting'))`
    const work = install(daemon.services, await pack(world.scratch, { id: 'probe', code }))
    const refused = expect(work).rejects.toMatchObject({ kind: 'Cancelled' })
    await expect.poll(() => readFile(file('notes'), 'utf8').catch(() => '')).toBe('waiting\n')
    await daemon.services.cancelInstall('probe')
    await refused
    await expectNothing()
    expect(Object.keys(daemon.db.peek().private.notifications)).toEqual(told)
  }, 60_000)

  it('is refused while the same package is being installed', async () => {
    const code = `exports.init = () => new Promise(() => note('waiting'))`
    const path = await pack(world.scratch, { id: 'probe', code })
    const work = install(daemon.services, path)
    const refused = expect(work).rejects.toMatchObject({ kind: 'Cancelled' })
    await expect.poll(() => readFile(file('notes'), 'utf8').catch(() => '')).toBe('waiting\n')
    await expect(install(daemon.services, path)).rejects.toThrow('being installed already')
    expect(entry()?.stateInfo.state).toBe('installing')
    await daemon.services.cancelInstall('probe')
    await refused
    await expectNothing()
  }, 60_000)

  describe('an update', () => {
    const note = () => readFile(file('notes'), 'utf8')

    beforeAll(async () => {
      await install(daemon.services, await pack(world.scratch, { id: 'probe' }))
      await daemon.services.start('probe', false)
      await running()
    }, 60_000)

    it('keeps the data, tells the old version where to go, and goes on running', async () => {
      await install(daemon.services, await pack(world.scratch, { id: 'probe', version: '2.0.0:0' }))
      await running()
      expect(entry()?.stateInfo).toMatchObject({ state: 'installed', manifest: { version: '2.0.0:0' } })
      expect(await note()).toBe('init install 1.0.0:0\nmain\nuninit 1.0.0:0\ninit update 2.0.0:0\nmain\n')
      expect(await archives()).toHaveLength(1)
    }, 60_000)

    it('that fails runs the old version with the old data again', async () => {
      const before = await note()
      const code = `const good = exports.init
        exports.init = async (options) => { note('new version'); fs.rmSync(VOLUME + '/notes'); throw new Error('cannot migrate') }`
      const path = await pack(world.scratch, { id: 'probe', version: '3.0.0:0', code })
      await expect(install(daemon.services, path)).rejects.toThrow('cannot migrate')
      await running()
      expect(entry()?.stateInfo).toMatchObject({ state: 'installed', manifest: { version: '2.0.0:0' } })
      expect(await note()).toBe(`${before}init null 2.0.0:0\nmain\n`)
      expect(await archives()).toHaveLength(1)
      expect(lastNotification()).toMatchObject({ title: 'Updating Failed' })
      const volumes = join(world.place.dataDir, 'package-data/volumes')
      expect(await readdir(volumes)).toEqual(['probe'])
    }, 60_000)

    it('with a broken archive does not disturb the running service', async () => {
      const { started } = await running()
      const good = await readFile(await pack(world.scratch, { id: 'probe', version: '3.0.0:0' }))
      const path = join(world.scratch, 'broken.s9pk')
      await writeFile(path, flipped(good, good.length - 5000))
      await expect(install(daemon.services, path)).rejects.toMatchObject({ kind: 'InvalidSignature' })
      expect(entry()?.stateInfo).toMatchObject({ state: 'installed', manifest: { version: '2.0.0:0' } })
      expect(entry()?.statusInfo.started).toBe(started)
    }, 60_000)

    it('to the same archive keeps one archive that works', async () => {
      const path = await pack(world.scratch, { id: 'probe', version: '4.0.0:0' })
      await install(daemon.services, path)
      await install(daemon.services, path)
      await running()
      expect(await archives()).toHaveLength(1)
      await daemon.services.rebuild('probe')
      await running()
      await uninstalled()
    }, 60_000)
  })

  it('over data that an earlier removal kept is an update', async () => {
    const path = await pack(world.scratch, { id: 'probe' })
    await install(daemon.services, path)
    await writeFile(file('kept'), 'yes')
    await daemon.services.uninstall('probe', { soft: true, force: false })
    await until(daemon.db, ({ public: { packageData } }) => !packageData['probe'], 'removed')
    await install(daemon.services, path)
    expect(await readFile(file('kept'), 'utf8')).toBe('yes')
    await uninstalled()
  }, 60_000)
})

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
