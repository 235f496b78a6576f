import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LxcDriver, type Container } from './index.ts'
import { ask, leftovers, newGuid, openWorld, run, started, type World } from './test/world.ts'

describe('a container', () => {
  let world: World
  let container: Container

  beforeAll(async () => {
    world = await openWorld()
    container = await started(await world.container({ packageId: 'hello', env: { GREETING: 'hi there' } }))
  }, 180_000)
  afterAll(() => world.dispose(), 60_000)

  it('finds nothing missing on this machine', async () => {
    expect(await world.driver.check()).toEqual([])
  })

  it('says what is missing and how to get it', async () => {
    const options = { ...world.options, helper: '/no/such/helper', dataDir: '/proc/no-place-for-data' }
    const problems = await new LxcDriver(options).check()
    expect(problems).toEqual([
      {
        id: 'artefact',
        what: '/no/such/helper has not been built',
        fix: expect.stringContaining('npm run up'),
        packages: [],
      },
    ])
  })

  it('answers on its socket', async () => {
    expect(await ask(container, 'echo', { a: 1 })).toEqual({ a: 1 })
  })

  it('maps id 0 inside to 100000 outside', async () => {
    await run(container, 'touch', '/mine')
    const { uid, gid } = await stat(join(container.rootfs, 'mine'))
    expect([uid, gid]).toEqual([100_000, 100_000])
    expect(await run(container, 'stat', '-c', '%u:%g', '/', '/usr/bin/node')).toBe('0:0\n0:0')
  })

  it('has its name, language, environment, resolver and address before the runtime runs', async () => {
    expect(await run(container, 'hostname')).toBe(container.guid)
    expect(await run(container, 'cat', '/etc/resolv.conf')).toBe(`nameserver ${world.driver.hostAddress}`)
    expect(await run(container, 'ip', '-4', '-o', 'addr', 'show', 'eth0')).toContain(
      `${container.address}/24`,
    )
    const environment = await run(container, 'cat', '/proc/1/environ')
    expect(environment).toContain('GREETING=hi there')
    expect(environment).toContain('LANG=C.UTF-8')
  })

  it('reaches the host, and the host reaches it', async () => {
    const server = createServer((socket) => socket.end('host says hello'))
    await new Promise<void>((resolve) => server.listen(0, world.driver.hostAddress, resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    expect(await run(container, 'bash', '-c', `cat < /dev/tcp/${world.driver.hostAddress}/${port}`)).toBe(
      'host says hello',
    )
    server.close()
  })

  it('shows the host nothing that it mounts, and sees what the host mounts', async () => {
    await run(container, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt')
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(`${container.rootfs}/mnt`)
  })

  it('counts memory, processor time and processes', async () => {
    const stats = await container.stats()
    expect(stats.memoryBytes).toBeGreaterThan(1 << 20)
    expect(stats.memoryBytes).toBeLessThan(200 << 20)
    expect(stats.cpuMicroseconds).toBeGreaterThan(0)
    expect(stats.processes).toBeGreaterThan(1)
    expect(stats.memoryLimitBytes).toBeGreaterThan(1 << 28)
  })

  it('puts commands from the host into its own control groups', async () => {
    expect(await run(container, 'sh', '-c', 'cut -d: -f3 /proc/self/cgroup | sort -u')).toBe('/')
  })

  it('tells the exit code and both streams of a command, and passes input', async () => {
    const result = await container.exec(['sh', '-c', 'cat; echo bad >&2; exit 3'], { input: 'in' })
    expect(result).toEqual({ exitCode: 3, stdout: 'in', stderr: 'bad\n' })
  })

  it('ends a command that takes too long, inside as well', async () => {
    await expect(container.exec(['sleep', '4242'], { timeout: 300 })).rejects.toThrow('did not end')
    await expect.poll(() => run(container, 'ps', '-eo', 'args')).not.toContain('sleep 4242')
  })

  it('writes a file for the container and refuses to follow a link out of it', async () => {
    await container.writeFile('/etc/startd/note', 'written')
    expect(await run(container, 'sh', '-c', 'cat /etc/startd/note; stat -c %u /etc/startd/note')).toBe(
      'written0',
    )
    await run(container, 'ln', '-s', '/etc', '/trap')
    await expect(container.writeFile('/trap/note', 'x')).rejects.toThrow('symbolic link')
    await expect(container.writeFile('/../etc/note', 'x')).rejects.toThrow("'..'")
  })

  it('reaps orphans', async () => {
    await run(container, 'sh', '-c', '(sleep 0.05 &) & wait')
    await expect.poll(() => run(container, 'ps', '--ppid', '1', '-o', 'stat')).not.toContain('Z')
  })

  it('keeps log lines of both streams with time, boot id and stream', async () => {
    await ask(container, 'say', 'a "quoted" line\nand a second\u0001')
    await ask(container, 'complain', 'trouble')
    const entries = await expectLines(container, 'trouble')
    const messages = entries.filter(({ bootId }) => bootId === container.bootId).map(({ message }) => message)
    expect(messages).toEqual(['runtime is up', 'a "quoted" line', 'and a second\u0001', 'trouble'])
    expect(entries.at(-1)?.stream).toBe('stderr')
    expect(Math.abs(Date.parse(entries.at(-1)?.timestamp ?? '') - Date.now())).toBeLessThan(60_000)
  })
})

describe('the life of a container', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  }, 180_000)
  afterAll(() => world.dispose(), 60_000)

  it('ends with the code of the runtime, and can be started again', async () => {
    const container = await started(await world.container())
    const first = container.bootId
    const ended = container.exited
    void ask(container, 'die', 7).catch(() => undefined)
    expect(await ended).toEqual({ code: 7, signal: null })
    expect(container.running).toBe(false)
    await started(container)
    expect(container.bootId).not.toBe(first)
    expect(await container.stop(5000)).toEqual({ code: 0, signal: null })
    await container.destroy()
  })

  it('is killed when it does not stop in time', async () => {
    const container = await started(await world.container({ env: { STUBBORN: '1' } }))
    expect(await container.stop(200)).toEqual({ code: null, signal: 'SIGKILL' })
    expect(container.running).toBe(false)
    await container.destroy()
  })

  it('is noticed when it is killed from outside', async () => {
    const container = await started(await world.container())
    const [, , pid] = await container.enterArgv()
    process.kill(Number(pid), 'SIGKILL')
    await container.exited
    expect(container.running).toBe(false)
    await container.destroy()
  })

  it('ends when its supervisor is killed', async () => {
    const container = await started(await world.container())
    const [, , pid] = await container.enterArgv()
    const supervisor = await parentOf(await parentOf(Number(pid)))
    process.kill(supervisor, 'SIGKILL')
    expect(await container.exited).toEqual({ code: null, signal: null })
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
    await container.destroy()
  })

  it('goes on, logs included, while no daemon is there, and is adopted by the next', async () => {
    const container = await started(await world.container())
    const [, , pid] = await container.enterArgv()
    const first = new LxcDriver(world.options)
    await first.open()
    const seen = await first.adopt(container.guid)
    await first.close()
    expect(seen?.running).toBe(false) // let go of; but still there:
    await ask(container, 'say', 'nobody watches')
    const second = new LxcDriver(world.options)
    await second.open()
    const adopted = await second.adopt(container.guid)
    expect(adopted?.running).toBe(true)
    expect(adopted?.bootId).toBe(container.bootId)
    expect((await adopted?.enterArgv())?.[2]).toBe(pid)
    expect((await expectLines(container, 'nobody watches')).at(-1)?.bootId).toBe(container.bootId)
    expect(await adopted?.stop(5000)).toEqual({ code: 0, signal: null })
    await second.close()
    await container.destroy()
    expect(await world.driver.adopt(container.guid)).toBeNull()
    expect(await world.driver.list()).not.toContain(container.guid)
  })

  it('is not part of the daemon’s process group or session', async () => {
    const container = await started(await world.container())
    const [, , pid] = await container.enterArgv()
    const supervisor = await parentOf(await parentOf(Number(pid)))
    // proc_pid_stat(5): after the name in brackets come state, parent, group and session.
    const fields = (await readFile(`/proc/${supervisor}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
    expect(fields.slice(2, 4)).toEqual([String(supervisor), String(supervisor)])
    expect(fields[1]).not.toBe(String(process.pid))
    await container.destroy()
  })

  it('says what LXC says when it cannot start', async () => {
    const container = await world.container({ address: '10.0.0.300' })
    await expect(container.start()).rejects.toMatchObject({ kind: 'Lxc' })
    await container.destroy()
  })

  it('kills only what is too big, and counts it', async () => {
    const container = await started(await world.container({ memoryLimit: 128 << 20 }))
    const result = await container.exec(['bash', '-c', 'x=a; while :; do x=$x$x; done'])
    expect(result.exitCode).not.toBe(0)
    expect(await ask(container, 'echo', 1)).toBe(1)
    const stats = await container.stats()
    expect(stats.memoryLimitBytes).toBe(128 << 20)
    expect(stats.oomKills).toBeGreaterThan(0)
    await container.destroy()
  })

  it('is cleared away after a reboot, which has taken its mounts', async () => {
    const container = await world.container()
    await world.driver.close()
    const id = (await readFile(join(world.options.dataDir, 'instance'), 'utf8')).trim()
    await execa('umount', ['--recursive', '--lazy', `/run/startd/${id}`])
    await world.driver.open()
    const found = await world.driver.adopt(container.guid)
    expect(found?.running).toBe(false)
    await found?.destroy()
    expect(await world.driver.list()).not.toContain(container.guid)
    await (await started(await world.container())).destroy()
  })

  it('stands on the newest runtime, and drops an older one when nobody uses it', async () => {
    const runtimes = (): Promise<string[]> => readdir(join(world.options.dataDir, 'run/runtime'))
    const old = await started(await world.container())
    const newer = join(world.scratch, 'newer')
    await cp(world.options.runtime, newer, { recursive: true })
    await writeFile(join(newer, 'version'), '2')
    const upgraded = new LxcDriver({ ...world.options, runtime: newer })
    await upgraded.open()
    expect(await runtimes()).toHaveLength(2)
    const address = await upgraded.addressFor('upgraded')
    const fresh = await upgraded.create({ guid: newGuid(), address, packageId: 'upgraded', lang: 'C.UTF-8' })
    await started(fresh)
    expect(await run(fresh, 'cat', '/usr/lib/startos/init/version')).toBe('2')
    await old.destroy()
    await upgraded.close()
    await upgraded.open()
    expect(await runtimes()).toHaveLength(1)
    await upgraded.remove(fresh.guid)
    await upgraded.close()
    await world.driver.close()
    await world.driver.open()
  })

  it('passes only devices in that exist', async () => {
    const container = await started(
      await world.container({ devices: ['/dev/net/tun', '/dev/no-such-thing'] }),
    )
    expect(await run(container, 'ls', '/dev/net')).toBe('tun')
    await container.destroy()
  })

  it('keeps the address of a package, and gives another package another', async () => {
    const { driver } = world
    const one = await driver.addressFor('one')
    expect(await driver.addressFor('two')).not.toBe(one)
    expect(await driver.addressFor('one')).toBe(one)
    await driver.releaseAddress('one')
    expect(await driver.addressFor('three')).toBe(one)
  })
})

describe('the network of an instance', () => {
  it('connects its own services and keeps other instances out', async () => {
    await using world = await disposable()
    await using stranger = await disposable()
    const server = await started(await world.container())
    const [friend, foe] = await Promise.all([
      world.container().then(started),
      stranger.container().then(started),
    ])
    const script = `require('net').createServer((s) => s.end('open')).listen(8000, () => console.log('listening'))`
    const [program = '', ...enter] = await server.enterArgv()
    const listener = execa(program, [...enter, 'node', '-e', script], { reject: false })
    await new Promise((resolve) => listener.stdout.once('data', resolve))
    const call = `timeout 1 cat < /dev/tcp/${server.address}/8000`
    expect((await friend.exec(['bash', '-c', call])).stdout).toBe('open')
    expect((await foe.exec(['timeout', '2', 'bash', '-c', call])).exitCode).toBe(124)
    listener.kill('SIGKILL')
    await listener
  }, 60_000)
})

describe('down', () => {
  it('removes every container, mount, loop device, bridge, table and group of its own instance only', async () => {
    await using other = await disposable()
    const neighbour = await started(await other.container())
    const world = await openWorld()
    const id = (await readFile(join(world.options.dataDir, 'instance'), 'utf8')).trim()
    const container = await started(await world.container())
    await started(await world.container())
    const { size } = await stat(world.options.rootfs)
    await container.mountSquashfsMember(world.options.rootfs, 0, size, '/media/startos/images/main')
    await container.mountVolume(world.scratch, '/media/startos/volumes/main')
    await container.createOverlay('/media/startos/images/main', 'box')
    await writeFile(join(world.scratch, 'kept'), 'precious')
    expect(await leftovers(id)).not.toEqual([])
    const second = new LxcDriver(world.options)
    await second.down()
    expect(await leftovers(id)).toEqual([])
    expect(await readFile(join(world.scratch, 'kept'), 'utf8')).toBe('precious')
    expect(await readdir(world.options.dataDir)).not.toContain('run')
    expect(await ask(neighbour, 'echo', 'alive')).toBe('alive')
    await world.driver.close()
    await world.dispose()
  }, 120_000)
})

async function disposable(): Promise<World & AsyncDisposable> {
  const world = await openWorld()
  return { ...world, [Symbol.asyncDispose]: () => world.dispose() }
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^PPid:\t(\d+)$/m.exec(status)?.[1])
}

interface Line {
  timestamp: string
  message: string
  bootId: string
  stream: string
}

/** All log lines, once one of them has this message. */
async function expectLines(container: Container, message: string): Promise<Line[]> {
  const read = async (): Promise<Line[]> => {
    const names = (await readdir(container.logDir)).sort()
    const texts = await Promise.all(
      names.map((name) => readFile(join(container.logDir, basename(name)), 'utf8')),
    )
    return texts
      .join('')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line)
  }
  await expect.poll(async () => (await read()).map((line) => line.message)).toContain(message)
  return read()
}
