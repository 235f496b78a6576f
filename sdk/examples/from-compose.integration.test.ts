import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { arch, machine } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { CACHE as BUILT } from '../../build/steps/paths.ts'
import { imageOf, writeLayout } from '../../core/src/oci/test/images.ts'
import { tarOf } from '../../core/src/oci/test/layers.ts'
import { fromCompose } from '../../core/src/s9pk/compose/index.ts'
import { packProject } from '../../core/src/s9pk/index.ts'
import { debianImage } from '../../core/src/s9pk/pack/images/debian.ts'
import { readRecipes } from '../../core/src/s9pk/pack/images/recipe.ts'
import { bundlePackage } from '../package/build.ts'
import { TestServer } from './test/server.ts'

const CACHE = join(import.meta.dirname, '../../.cache')
const COMPOSE = join(import.meta.dirname, '../../core/src/s9pk/compose/test/fixtures/guestbook')
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64', riscv64: 'riscv64' }

/** A container image as authors have them: a layout on disk, with an entrypoint, a user and a variable. */
async function writeImage(directory: string): Promise<void> {
  const project = join(import.meta.dirname, 'hello-world')
  const recipe = (await readRecipes(project))['main']?.debian
  if (!recipe) throw new Error('the example has no recipe')
  const cacheDir = join(BUILT, 'images')
  const squashfs = await debianImage({ recipe, project, arch: machine(), cacheDir, onStep: () => {} })
  const { stdout: busybox } = await execa('unsquashfs', ['-cat', squashfs, 'bin/busybox'], {
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
  })
  const link = (path: string) => ({ path, type: 'symlink', linkname: '/bin/busybox' }) as const
  const layer = tarOf(
    { path: 'bin/busybox', content: Buffer.from(busybox), mode: 0o755 },
    ...['sh', 'wget', 'id', 'cat', 'wc', 'date', 'httpd'].map((name) => link(`bin/${name}`)),
    { path: 'etc/passwd', content: 'root:x:0:0::/root:/bin/sh\nguest:x:1001:1001::/:/bin/sh\n' },
    { path: 'etc/group', content: 'root:x:0:\nguest:x:1001:\n' },
    { path: 'store/', uid: 1000, gid: 1000 },
    { path: 'store/first.txt', content: 'written by the image', uid: 1000, gid: 1000 },
    { path: 'run/' },
    { path: 'tmp/', mode: 0o1777 },
  )
  const config = { Env: ['PATH=/bin', 'FROM_IMAGE=hello'], Cmd: ['sh'], WorkingDir: '/' }
  const architecture = ARCHITECTURES[arch()] ?? arch()
  await writeLayout(directory, { '1.4.2': imageOf([layer], { architecture, config }) })
}

describe('a package made from a compose file', () => {
  let project: string
  let server: TestServer
  const page = async () => {
    const address = await server.address('guestbook', 'ui', 80)
    return (await fetch(`${address}/cgi-bin/show`)).text()
  }
  const healthy = ({ statusInfo: { health } }: PackageDataEntry) =>
    Object.keys(health).length === 2 && Object.values(health).every(({ result }) => result === 'success')

  beforeAll(async () => {
    await mkdir(CACHE, { recursive: true })
    project = await mkdtemp(join(CACHE, 'from-compose-'))
    server = await TestServer.create()
  }, 300_000)
  afterAll(async () => {
    await rm(project, { recursive: true, force: true })
    await server?.[Symbol.asyncDispose]()
  }, 60_000)

  it('is packed with a container image from disk, and installed', async () => {
    await writeImage(join(project, 'image'))
    const output = join(project, 'package')
    const images = new Map([['example.org/guestbook:1.4.2', join(project, 'image')]])
    const { findings } = await fromCompose(COMPOSE, { output, images })
    expect(findings.filter(({ weight }) => weight === 'problem')).toEqual([])
    await bundlePackage(output)
    const { path, manifest } = await packProject(output, {
      seed: new Uint8Array(32).fill(9),
      arch: [machine()],
    })
    expect(manifest.version).toBe('1.4.2:0')
    await server.cli(['package', 'install', path])
    const entry = await server.until('guestbook', (entry) => entry.stateInfo.state === 'installed' && entry)
    expect(Object.keys(entry.actions)).toEqual(['configure', 'show-secrets'])
  })

  it('asks its owner for what has no default before it starts', async () => {
    const asked = await server.until('guestbook', ({ tasks }) => Object.values(tasks)[0])
    expect(asked).toMatchObject({ task: { actionId: 'configure', severity: 'critical' }, active: true })
    const input = JSON.stringify({ greeting: 'Hello', owner: 'Ada' })
    await server.cli(['package', 'action', 'run', 'guestbook', 'configure', '--input', input])
    await server.until('guestbook', ({ tasks }) => Object.values(tasks).every(({ active }) => !active))
  })

  it('starts its parts in order, which find each other by name and share a secret', async () => {
    await server.cli(['package', 'start', 'guestbook'])
    await server.until('guestbook', healthy)
    expect((await page()).split('\n')).toEqual([
      'Hello, guest of Ada',
      'image says hello',
      'same password',
      'password has 32 letters, token 32',
      'first page: written by the image',
      'user guest, queue 777',
      '',
    ])
  })

  it('takes over a changed setting by starting again', async () => {
    const before = await server.until('guestbook', ({ statusInfo }) => statusInfo.started)
    const input = JSON.stringify({ greeting: 'Good day', owner: 'Ada' })
    await server.cli(['package', 'action', 'run', 'guestbook', 'configure', '--input', input])
    await server.until(
      'guestbook',
      (entry) => healthy(entry) && entry.statusInfo.started !== null && entry.statusInfo.started !== before,
    )
    expect(await page()).toContain('Good day, guest of Ada')
    expect(await page()).toContain('same password')
  })
})
