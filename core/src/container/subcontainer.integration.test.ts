import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { execa } from 'execa'
import type { Container, ExecResult } from './index.ts'
import { openWorld, run, started, type World } from './test/world.ts'

interface Running {
  stop(): void
  readonly exitCode: Promise<number | undefined>
}

const IMAGE = '/media/startos/images/main'

/** The commands that packages run inside their container, with the containers' own Debian as image. */
describe('start-container subcontainer', () => {
  let world: World
  let container: Container
  let root: string
  let count = 0

  beforeAll(async () => {
    world = await openWorld()
    container = await started(await world.container())
    const { size } = await stat(world.options.rootfs)
    await container.mountSquashfsMember(world.options.rootfs, 0, size, IMAGE)
  }, 180_000)
  beforeEach(async () => {
    root = await container.createOverlay(IMAGE, `box-${++count}`)
  })
  afterAll(() => world.dispose(), 60_000)

  /** Not awaited here: a leader runs until it is told to stop. */
  const launch = async (...words: string[]): Promise<Running> => {
    const [program = '', ...prefix] = await container.enterArgv()
    const child = execa(program, [...prefix, 'start-container', 'subcontainer', 'launch', ...words], {
      reject: false,
    })
    return { stop: () => child.kill('SIGTERM'), exitCode: child.then((result) => result.exitCode) }
  }
  const exec = (...words: string[]): Promise<ExecResult> =>
    container.exec(['start-container', 'subcontainer', 'exec', ...words])
  const ready = (): Promise<string> =>
    run(
      container,
      'bash',
      '-c',
      `for i in {1..1000}; do [ -e ${root}/proc/1 ] && break; sleep 0.001; done; echo $i`,
    )
  const launched = async (): Promise<Running> => {
    const leader = await launch(root)
    await ready()
    return leader
  }

  it('has a process tree within 50 ms', async () => {
    const script = `const { spawn } = require('child_process'), { existsSync } = require('fs')
      const from = process.hrtime.bigint()
      const child = spawn('start-container', ['subcontainer', 'launch', '${root}'])
      const look = () => existsSync('${root}/proc/1')
        ? (console.log(Number(process.hrtime.bigint() - from) / 1e6), child.kill(), child.once('exit', () => process.exit()))
        : setImmediate(look)
      look()`
    expect(Number(await run(container, 'node', '-e', script))).toBeLessThan(50)
  })

  it('runs commands beside the leader, which is process 1', async () => {
    const leader = await launched()
    const { stdout } = await exec(
      root,
      'sh',
      '-c',
      'cat /proc/1/comm; echo $$; id -u; pwd; cat /etc/hostname',
    )
    const [comm, pid, uid, directory, hostname] = stdout.split('\n')
    expect([comm, uid, directory, hostname]).toEqual(['start-container', '0', '/', container.guid])
    expect(Number(pid)).toBeGreaterThan(1)
    leader.stop()
    expect(await leader.exitCode).toBe(0)
  })

  it('does not see the container’s files, and the container sees its own', async () => {
    await launched()
    await exec(root, 'touch', '/made-inside')
    expect(await run(container, 'ls', `${root}/made-inside`)).toContain('made-inside')
    expect((await exec(root, 'ls', '/media/startos/images/main/usr')).exitCode).not.toBe(0)
    expect((await exec(root, 'ls', '/.put_old')).exitCode).not.toBe(0)
  })

  it.each([
    ['www-data', '33:33:/var/www'],
    ['33', '33:33:/var/www'],
    ['www-data:games', '33:60:/var/www'],
    ['1234:5678', '1234:5678:/'],
    ['0', '0:0:/root'],
  ])('runs as user %s', async (user, expected) => {
    await launched()
    const { stdout } = await exec('--user', user, root, 'sh', '-c', 'echo $(id -u):$(id -g):$HOME')
    expect(stdout.trim()).toBe(expected)
  })

  it('gives a user its supplementary groups', async () => {
    await run(container, 'sh', '-c', `echo 'extra:x:4711:www-data,nobody' >> ${root}/etc/group`)
    await launched()
    expect((await exec('-u', 'www-data', root, 'id', '-G')).stdout.trim().split(' ')).toContain('4711')
  })

  it('refuses a user that the image does not know', async () => {
    await launched()
    const result = await exec('--user=nosuch', root, 'true')
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toContain('no user named nosuch')
  })

  it('runs in an image without passwd and group', async () => {
    await run(container, 'rm', `${root}/etc/passwd`, `${root}/etc/group`)
    await launched()
    expect((await exec(root, 'sh', '-c', 'echo $HOME; id -u')).stdout).toBe('/\n0\n')
    expect((await exec('--user', '7:8', root, 'id', '-g')).stdout).toBe('8\n')
  })

  it('takes variables from file and options, and a working directory', async () => {
    await container.writeFile('/tmp/test.env', 'A=from file\nB=from file\nnonsense\nHOME=/elsewhere\n')
    await launched()
    const { stdout, stderr } = await exec(
      '--env-file=/tmp/test.env',
      '--env=B=from option',
      '--workdir=/usr',
      root,
      'sh',
      '-c',
      'echo "$A,$B,$HOME,$(pwd)"',
    )
    expect(stdout).toBe('from file,from option,/elsewhere,/usr\n')
    expect(stderr).toContain('nonsense')
    expect((await exec('--env=/tmp/test.env', root, 'sh', '-c', 'echo $A')).stdout).toBe('from file\n')
  })

  it('answers a missing working directory and a missing program with an error', async () => {
    await launched()
    expect((await exec('--workdir=/no/such', root, 'true')).stderr).toContain('/no/such')
    expect((await exec(root, 'no-such-program')).exitCode).toBe(127)
    expect((await exec(root)).exitCode).toBe(2)
    expect((await exec(root, 'sh', '-c', 'exit 42')).exitCode).toBe(42)
  })

  it('says so when the leader is not there', async () => {
    const result = await exec(root, 'true')
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toContain('is not running')
  })

  it('hands SIGTERM on, and counts ending by it as success', async () => {
    await launched()
    const [program = '', ...prefix] = await container.enterArgv()
    const words = [
      ...prefix,
      'start-container',
      'subcontainer',
      'exec',
      root,
      'sh',
      '-c',
      'echo on; exec sleep 999',
    ]
    const command = execa(program, words, { reject: false })
    await new Promise((resolve) => command.stdout.once('data', resolve))
    command.kill('SIGTERM')
    expect((await command).exitCode).toBe(0)
    await expect.poll(() => run(container, 'ps', '-eo', 'args')).not.toContain('sleep 999')
  })

  it('leaves nothing running when the command that waits is killed hard', async () => {
    await launched()
    await run(
      container,
      'bash',
      '-c',
      `start-container subcontainer exec ${root} sleep 888 & sleep 0.1; kill -9 $!`,
    )
    await expect.poll(() => run(container, 'ps', '-eo', 'args')).not.toContain('sleep 888')
  })

  it('reaps orphans in the leader', async () => {
    await launched()
    await exec(root, 'sh', '-c', '(sleep 0.05 &) & wait')
    await expect
      .poll(async () => (await exec(root, 'ps', '--ppid', '1', '-o', 'stat')).stdout)
      .not.toContain('Z')
  })

  it('runs a program as process 1, in the place of the leader before it', async () => {
    const before = await launched()
    const program = await launch(
      '--user=www-data',
      root,
      'sh',
      '-c',
      'trap "exit 5" TERM; while :; do sleep 0.01; done',
    )
    await before.exitCode
    await ready()
    await expect.poll(async () => (await exec(root, 'cat', '/proc/1/comm')).stdout).toBe('sh\n')
    program.stop()
    expect(await program.exitCode).toBe(5)
  })

  it('ends with all its processes when its layer is destroyed', async () => {
    await launched()
    await run(container, 'mount', '--rbind', '/dev', `${root}/dev`)
    const sleeper = exec(root, 'sleep', '777')
    await expect.poll(() => run(container, 'ps', '-eo', 'args')).toContain('sleep 777')
    await container.destroyOverlay(`box-${count}`)
    await sleeper
    expect(await run(container, 'ps', '-eo', 'args')).not.toContain('sleep 777')
    expect((await container.exec(['ls', root])).exitCode).not.toBe(0)
    expect(await run(container, 'cat', '/proc/self/mountinfo')).not.toContain(root)
    expect(await run(container, 'cat', '/proc/self/mountinfo')).toContain(' /dev/pts ')
  })

  it('may open its own standard output again, as any user', async () => {
    const script = `start-container subcontainer exec --user www-data ${root} sh -c 'echo reopened > /dev/stdout'`
    await launched()
    await run(container, 'mount', '--rbind', '/dev', `${root}/dev`)
    expect(await run(container, 'sh', '-c', `(${script}) | cat`)).toBe('reopened')
  })

  it('gives a command a terminal of its own when asked', async () => {
    await launched()
    await run(container, 'mount', '--rbind', '/dev', `${root}/dev`)
    const words = ['--force-tty', '--pty-size', '33:44', '--user', 'www-data', root]
    const { stdout, stderr, exitCode } = await container.exec(
      ['start-container', 'subcontainer', 'exec', ...words, 'sh', '-c', 'tty; stty size; cat; exit 6'],
      { input: 'typed\n' },
    )
    expect(stderr).toBe('')
    expect(stdout.split('\r\n')).toEqual(expect.arrayContaining(['typed', '33 44']))
    expect(stdout).toMatch(/\/dev\/pts\/\d+/)
    expect(exitCode).toBe(6)
  })

  it('makes user namespaces, as nested engines do', async () => {
    await launched()
    expect((await exec(root, 'unshare', '-Ur', 'id', '-u')).stdout).toBe('0\n')
  })

  it('binds directories and files into a subcontainer', async () => {
    const data = join(world.scratch, `volume-${count}`)
    await mkdir(data)
    await writeFile(join(data, 'config'), 'settings')
    await container.mountVolume(data, '/media/startos/volumes/bind')
    const source = '/media/startos/volumes/bind'
    const bind = ['start-container', 'bind-mount', '--source']
    await run(container, ...bind, source, '--target', `${root}/data/deep`, '--recursive')
    await run(
      container,
      ...bind,
      `${source}/config`,
      `--target=${root}/etc/app/config`,
      '--file',
      '--readonly',
    )
    await launched()
    expect((await exec(root, 'cat', '/data/deep/config', '/etc/app/config')).stdout).toBe('settingssettings')
    expect((await exec(root, 'sh', '-c', 'echo x > /etc/app/config')).stderr).toContain('Read-only')
  })

  it('passes pipes through', async () => {
    const { stdout, stderr, exitCode } = await container.exec([
      ...[
        'start-container',
        'pipe-wrap',
        'sh',
        '-c',
        'echo out > /dev/stdout; echo err > /dev/stderr; exit 9',
      ],
    ])
    expect([stdout, stderr, exitCode]).toEqual(['out\n', 'err\n', 9])
  })
})
