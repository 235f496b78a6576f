import { afterEach, describe, expect, it, vi } from 'vitest'
import { setupI18n } from '../src/i18n.ts'
import { FilledAddress } from '../src/network/filled-address.ts'
import { patterns } from '../src/patterns.ts'
import { charactersOf, getDefaultString } from '../src/random-string.ts'
import { Mounts, bindMountArgv } from '../src/subcontainer/mounts.ts'
import { argvOf, helperArgv, useEntrypoint } from '../src/subcontainer/command.ts'
import { collect } from '../src/subcontainer/process.ts'
import { portIsListening } from '../src/health/checks.ts'
import { createServer } from 'node:http'
import { checkWebUrl } from '../src/health/checks.ts'
import { HostInMemory } from './kit/effects.ts'
import { type AddressInfo as SocketAddress } from 'node:net'

describe('random texts', () => {
  it('are drawn from the characters named', () => {
    expect(charactersOf('a-c,X,1-3').join('')).toBe('abcX123')
    expect(charactersOf('a,,').join('')).toBe('a,')
    expect(getDefaultString({ charset: 'a-f', len: 30 })).toMatch(/^[a-f]{30}$/)
    expect(getDefaultString('fixed')).toBe('fixed')
    expect(() => charactersOf('c-a')).toThrow('ends before it starts')
  })
})

describe('translations', () => {
  afterEach(() => vi.unstubAllEnvs())
  const say = () => setupI18n({ 'Hello ${name}': 0, Bye: 1 }, { de_DE: { 0: 'Hallo ${name}' } }, 'en_US')

  it.each([
    ['de_DE.UTF-8', 'Hallo Ada'],
    ['de_AT.UTF-8', 'Hallo Ada'],
    ['fr_FR.UTF-8', 'Hello Ada'],
    ['en_US.UTF-8', 'Hello Ada'],
  ])('in %s', (lang, expected) => {
    vi.stubEnv('LANG', lang)
    expect(say()('Hello ${name}', { name: 'Ada' })).toBe(expected)
  })

  it('fall back to the text itself', () => {
    vi.stubEnv('LANG', 'de_DE.UTF-8')
    expect(say()('Bye')).toBe('Bye')
  })
})

describe('commands for the helper', () => {
  it('name environment, user and directory, the image’s where nothing else is said', () => {
    const options = {
      rootfs: '/root',
      imageId: 'app',
      image: { user: 'app', workdir: '/srv' },
      argv: ['run'],
    }
    expect(helperArgv({ ...options, mode: 'exec', options: { env: { A: '1', B: undefined } } })).toEqual([
      'start-container',
      'subcontainer',
      'exec',
      '--env-file=/media/startos/images/app.env',
      '--user=app',
      '--workdir=/srv',
      '--env=A=1',
      '/root',
      'run',
    ])
    expect(helperArgv({ ...options, image: {}, mode: 'launch', options: { user: '0:0' } })).toContain(
      '--user=0:0',
    )
  })

  it('are shell lines, vectors, or the image’s entrypoint', () => {
    const image = { entrypoint: ['/entry'], cmd: ['default'] }
    expect(argvOf('echo hi', image)).toEqual(['sh', '-c', 'echo hi'])
    expect(argvOf(useEntrypoint(), image)).toEqual(['/entry', 'default'])
    expect(argvOf(useEntrypoint(['other']), image)).toEqual(['/entry', 'other'])
  })

  it('mount volumes before assets before dependencies, read-only where asked', () => {
    const mounts = Mounts.of()
      .mountAssets({ subpath: 'x', mountpoint: '/a' })
      .mountVolume({
        volumeId: 'main',
        subpath: null,
        mountpoint: '/v',
        readonly: true,
        idmap: [{ fromId: 0, toId: 33 }],
      })
    const [volume] = mounts.build()
    expect(mounts.build().map(({ kind }) => kind)).toEqual(['volume', 'assets'])
    expect(bindMountArgv({ source: '/s', target: '/t', kind: 'file', entry: volume! })).toEqual(
      'start-container bind-mount --source /s --target /t --recursive --file --readonly --idmap 0:33:1'.split(
        ' ',
      ),
    )
    expect(() => mounts.mountAssets({ subpath: null, mountpoint: '/v' }).build()).toThrow('mountpoint /v')
  })
})

describe('running a command', () => {
  it('collects all it says, however much', async () => {
    const { stdout, exitCode } = await collect(['sh', '-c', 'head -c 5000000 /dev/zero | tr "\\0" x'])
    expect([stdout.length, exitCode]).toEqual([5_000_000, 0])
  })

  it('gives it input, and tells how it failed', async () => {
    expect((await collect(['cat'], { input: 'text' })).stdout).toBe('text')
    const failed = await collect(['sh', '-c', 'echo why >&2; exit 3'])
    expect(() => failed.throw()).toThrow('sh exited with code 3: why')
  })

  it('ends it when its time is over', async () => {
    expect((await collect(['sleep', '1000'], { timeout: 20 })).exitSignal).toBe('SIGTERM')
  })

  it('says when there is no such command', async () => {
    await expect(collect(['no-such-command-here'])).rejects.toThrow('ENOENT')
  })
})

describe('health checks', () => {
  it('see a port that listens, and a page that answers', async () => {
    const server = createServer((_, response) => response.writeHead(500).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as SocketAddress
    const effects = new HostInMemory().effects('main')
    expect(await portIsListening(port)).toBe(true)
    expect(await checkWebUrl(effects, `http://127.0.0.1:${port}`)).toMatchObject({ result: 'success' })
    await new Promise((resolve) => server.close(resolve))
    expect(await portIsListening(port)).toBe(false)
    expect(await checkWebUrl(effects, `http://127.0.0.1:${port}`)).toMatchObject({ result: 'failure' })
  })
})

describe('addresses', () => {
  const info = {
    username: 'git',
    hostId: 'h',
    internalPort: 1,
    scheme: 'http',
    sslScheme: 'https',
    suffix: '/x',
  }
  const at = (hostname: string, port: number | null, ssl: boolean, metadata: object) =>
    ({ hostname, port, ssl, public: false, metadata }) as ConstructorParameters<
      typeof FilledAddress
    >[1][number]
  const address = new FilledAddress(info, [
    at('10.0.3.1', 8080, false, { kind: 'ipv4', gateway: 'lxcbr0' }),
    at('fe80::1', 443, true, { kind: 'ipv6', gateway: 'eth0', scopeId: 2 }),
    at('box.local', null, true, { kind: 'mdns', gateways: ['eth0'] }),
  ])

  it('become URLs', () => {
    expect(address.format()).toEqual([
      'http://git@10.0.3.1:8080/x',
      'https://git@[fe80::1%2]/x',
      'https://git@box.local/x',
    ])
  })

  it('are filtered by kind', () => {
    expect(address.bridge.hostnames.map(({ hostname }) => hostname)).toEqual(['10.0.3.1'])
    expect(address.nonLocal.hostnames.map(({ hostname }) => hostname)).toEqual(['box.local'])
    expect(address.filter({ kind: 'ip' }).hostnames).toHaveLength(2)
  })
})

it.each([
  ['ipv4', '192.168.1.1', '256.1.1.1'],
  ['email', 'a@b.c', 'a b@c'],
  ['emailWithName', 'Me <me@example.com>', 'me@'],
  ['url', 'https://example.com/x', 'example.com'],
  ['domain', 'example.com', 'localhost'],
  ['base64', 'aGk=', 'a'],
  ['hostname', 'box', 'a b'],
  ['ascii', 'plain', 'ä'],
] as const)('the pattern %s accepts %s and not %s', (name, good, bad) => {
  const regex = new RegExp(patterns[name].regex)
  expect([regex.test(good), regex.test(bad)]).toEqual([true, false])
})
