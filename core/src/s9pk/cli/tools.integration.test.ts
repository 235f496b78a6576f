import { chmod, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { initKey } from './keys.ts'
import { projectFiles, writeFiles } from '../pack/test/project.ts'
import { TestRegistry } from '../publish/test/registry.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/start-cli.ts')
let world: string
let project: string
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 's9pk-tools-'))
  project = join(world, 'project')
  await writeFiles(project, projectFiles())
  await initKey(join(world, '.startos/developer.key.pem'))
})
afterEach(() => rm(world, { recursive: true }))

const start = (...args: string[]) =>
  execa(process.execPath, [PROGRAM, ...args], {
    cwd: world,
    env: { HOME: world, XDG_CACHE_HOME: join(world, 'cache') },
    stdin: 'ignore',
    reject: false,
  })
async function cli(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await start(...args)
  // Without a terminal, nothing is said but the result.
  expect([exitCode, stderr]).toEqual([0, ''])
  return stdout
}
const json = async (...args: string[]): Promise<unknown> => JSON.parse(await cli('--format', 'json', ...args))
async function refused(...args: string[]): Promise<[code: number | undefined, said: string]> {
  const { stderr, exitCode } = await start(...args)
  return [exitCode, stderr]
}

describe('start-cli s9pk', () => {
  it('packs, shows, compares, changes and unpacks packages', async () => {
    const file = await cli('s9pk', 'pack', 'project', '-o', 'one.s9pk')
    expect(file).toBe(join(world, 'one.s9pk'))
    expect(await json('s9pk', 'verify', 'one.s9pk')).toMatchObject({ id: 'tiny', version: '1.0.0:0' })
    expect(await json('s9pk', 'inspect', 'one.s9pk', 'file-tree')).toContain('images/x86_64/main.env')
    expect(await cli('s9pk', 'inspect', 'one.s9pk', 'cat', 'LICENSE.md')).toBe('MIT')
    const before = await json('s9pk', 'inspect', 'one.s9pk', 'commitment')

    await cli('s9pk', 'pack', 'project', '-o', 'two.s9pk')
    expect(await cli('s9pk', 'diff', 'one.s9pk', 'two.s9pk')).toMatch(/The packages are the same\.$/)
    const edited = await json('s9pk', 'edit', 'two.s9pk', 'manifest', '.title = "New" | .donationUrl = null')
    expect(edited).toMatchObject({ title: 'New' })
    await cli(
      's9pk',
      'edit',
      'two.s9pk',
      'add-image',
      'db',
      '--arch',
      'x86_64',
      '--directory',
      'project/rootfs',
      '--emulate-missing-as',
      'x86_64',
    )
    expect(await json('s9pk', 'diff', 'one.s9pk', 'two.s9pk')).toMatchObject({
      same: false,
      signer: null,
      manifest: [{ field: 'title', from: 'Tiny', to: 'New' }, { field: 'images.db' }],
      images: [{ image: 'db', arch: 'x86_64', change: 'added', from: null }],
      files: [
        { path: 'images/x86_64/db.env', change: 'added' },
        { path: 'images/x86_64/db.json', change: 'added' },
        { path: 'manifest.json', change: 'changed' },
      ],
    })
    expect(await cli('s9pk', 'diff', 'one.s9pk', 'two.s9pk')).toContain('  + db for x86_64 (4.1 kB)')
    await cli('s9pk', 'verify', 'two.s9pk')

    expect(await cli('s9pk', 'extract', 'two.s9pk', 'content')).toContain('images/x86_64/db.squashfs')
    expect(await readFile(join(world, 'content/LICENSE.md'), 'utf8')).toBe('MIT')
    expect(await json('s9pk', 'inspect', 'one.s9pk', 'commitment')).toEqual(before)
    const left = (await readdir(world)).filter((name) => name.endsWith('.tmp'))
    expect(left).toEqual([])
  })

  it('shows steps and a bar on a terminal', async () => {
    const line = [process.execPath, PROGRAM, 's9pk', 'pack', 'project', '-o', 'one.s9pk'].join(' ')
    const { stdout } = await execa('script', ['-qec', line, '/dev/null'], {
      cwd: world,
      env: { HOME: world, XDG_CACHE_HOME: join(world, 'cache') },
      stdin: 'ignore',
    })
    expect(stdout).toMatch(
      /Reading the manifest[^]*Compressing javascript[^]*Writing [^]*Total [^]*done[^]*one\.s9pk/,
    )
  })

  it('tells another signer', async () => {
    await cli('s9pk', 'pack', 'project', '-o', 'one.s9pk')
    await cli('init-key', '--developer-key-path', 'other.pem')
    await cli('s9pk', 'pack', 'project', '-o', 'two.s9pk', '--developer-key-path', 'other.pem')
    expect(await cli('s9pk', 'diff', 'one.s9pk', 'two.s9pk')).toMatch(
      /^Signer changed\n[^]*The contents are the same\.$/m,
    )
    expect(await json('s9pk', 'diff', 'one.s9pk', 'two.s9pk')).toMatchObject({
      same: true,
      signer: { to: `${await cli('pubkey', '--developer-key-path', 'other.pem')}\n` },
    })
  })

  it('leaves a package as it was when a change is refused', async () => {
    await cli('s9pk', 'pack', 'project', '-o', 'one.s9pk')
    const bytes = await readFile(join(world, 'one.s9pk'))
    const edit = (...args: string[]) => refused('s9pk', 'edit', 'one.s9pk', ...args)
    expect(await edit('manifest', '.title =')).toEqual([38, expect.stringContaining('syntax error')])
    expect(await edit('manifest', '.images.more = .images.main')).toEqual([
      18,
      expect.stringContaining('“more” image'),
    ])
    const image = ['add-image', 'db', '--directory', 'none']
    expect(await edit(...image)).toEqual([38, expect.stringContaining('--arch')])
    expect(await edit(...image, '--arch', 'x86_64')).toEqual([6, expect.stringContaining('none')])
    expect(await readFile(join(world, 'one.s9pk'))).toEqual(bytes)
  })

  it('lists ingredients, of which the manifest tells more', async () => {
    const first = ['javascript/index.js', 'icon.svg', 'LICENSE', 'instructions.md'].map((name) =>
      join('project', name),
    )
    expect(await cli('s9pk', 'list-ingredients', 'project')).toBe(
      [...first, 'project/assets', 'project/images.yaml'].join(' '),
    )
    expect(await cli('s9pk', 'list-ingredients', 'project', '--no-assets')).not.toContain('assets')
    await rm(join(project, 'javascript'), { recursive: true })
    expect(await cli('s9pk', 'list-ingredients', 'project')).toBe(first.join(' '))
  })

  it('brings older packages into order and refuses what it cannot convert', async () => {
    await cli('s9pk', 'pack', 'project', '-o', 'one.s9pk')
    expect(await json('s9pk', 'convert', 'one.s9pk')).toMatchObject({ changed: false })
    await writeFile(join(world, 'old.s9pk'), Buffer.from('3b3b01', 'hex'))
    expect(await refused('s9pk', 'convert', 'old.s9pk')).toEqual([18, expect.stringContaining('version 1')])
  })

  it('refuses keys that everybody may read, and says which place is wrong', async () => {
    await chmod(join(world, '.startos/developer.key.pem'), 0o644)
    expect(await refused('s9pk', 'pack', 'project')).toEqual([2, expect.stringContaining('chmod 600')])
    expect(await refused('s9pk', 'pack', 'nowhere')).toEqual([2, expect.anything()])
  })

  it('publishes', async () => {
    await cli('s9pk', 'pack', 'project', '-o', 'one.s9pk')
    await using registry = await TestRegistry.start()
    registry.allowed.add(`${await cli('pubkey')}\n`)
    const target = ['-r', registry.url, '--s9pk-s3base', `${registry.url}/p`]
    expect(await cli('s9pk', 'publish', 'one.s9pk', ...target, '--put')).toBe(
      `tiny 1.0.0:0 is in ${registry.url}/`,
    )
    expect([...registry.files.keys()]).toEqual(['/p/tiny/1.0.0:0/one.s9pk'])
    expect(registry.entries).toHaveLength(1)
    expect(await refused('s9pk', 'publish', 'one.s9pk', '-r', registry.url)).toEqual([
      38,
      expect.stringContaining('--url'),
    ])
  })

  it('uploads with s3cmd, as its user has set that up', async () => {
    await cli('s9pk', 'pack', 'project', '-o', 'one.s9pk')
    await using registry = await TestRegistry.start()
    registry.allowed.add(`${await cli('pubkey')}\n`)
    const place = new URL(registry.url).host
    const settings = {
      access_key: 'a',
      secret_key: 'b',
      host_base: place,
      host_bucket: place,
      use_https: 'False',
    }
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
    await writeFile(join(world, '.s3cfg'), ['[default]', ...lines, ''].join('\n'))
    const target = [
      '-r',
      registry.url,
      '--s9pk-s3base',
      `${registry.url}/bucket`,
      '--s9pk-s3bucket',
      'bucket',
    ]
    await cli('s9pk', 'publish', 'one.s9pk', ...target)
    expect([...registry.files.keys()]).toEqual(['/bucket/tiny/1.0.0:0/one.s9pk'])
    expect(registry.entries).toHaveLength(1)
  })

  it('leaves nothing behind when it is stopped', async () => {
    // Long enough to be stopped in the middle: reading it takes no time, because it is a hole.
    const image = join(project, 'images/x86_64/main.squashfs')
    await writeFiles(project, { 'images.yaml': '{}', 'images/x86_64/main.squashfs': superblock() })
    await truncate(image, 8e9)
    const packing = start('s9pk', 'pack', 'project', '-o', 'one.s9pk')
    const ended = packing.then(({ stderr }) => Promise.reject(new Error(`it has ended: ${stderr}`)))
    await Promise.race([appears(world, /^\.one\.s9pk\..*\.tmp$/), ended])
    ended.catch(() => undefined)
    packing.kill('SIGINT')
    const { exitCode, stderr } = await packing
    expect([exitCode, stderr]).toEqual([73, expect.stringContaining('nothing was changed')])
    expect((await readdir(world)).filter((name) => name.includes('one.s9pk'))).toEqual([])
  })
})

/** The first bytes of a squashfs 4.0 with nothing in it. */
function superblock(): Buffer {
  const bytes = Buffer.alloc(96)
  bytes.write('hsqs', 'latin1')
  bytes.writeUInt16LE(4, 28)
  bytes.writeBigUInt64LE(96n, 40)
  return bytes
}

/** Fulfils when the directory has a file of that name with something in it. */
async function appears(directory: string, pattern: RegExp): Promise<void> {
  for (;;) {
    const name = (await readdir(directory)).find((one) => pattern.test(one))
    if (name && (await stat(join(directory, name)).catch(() => null))?.size) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
