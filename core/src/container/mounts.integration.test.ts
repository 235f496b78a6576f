import { chown, mkdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { execa } from 'execa'
import type { Container, IdmapMode } from './index.ts'
import { openWorld, run, started, type World } from './test/world.ts'

describe.each<IdmapMode>(['mount', 'unpack'])('mounts of a container (images: %s)', (mode) => {
  let world: World
  let container: Container
  let member: { file: string; offset: number; size: number }

  beforeAll(async () => {
    world = await openWorld(mode)
    container = await started(await world.container())
    member = await packMember(world.scratch)
  }, 180_000)
  afterAll(() => world.dispose(), 60_000)

  const volume = async (name: string): Promise<string> => {
    const path = join(world.scratch, name)
    await mkdir(path)
    return path
  }

  it('has a root that belongs to its own root', async () => {
    expect(await run(container, 'stat', '-c', '%u:%g', '/usr/bin/node', '/etc')).toBe('0:0\n0:0')
  })

  it('shows a volume with the owners on disk, and writes them there', async () => {
    const data = await volume('owners')
    await writeFile(join(data, 'theirs'), 'x')
    await chown(join(data, 'theirs'), 1000, 1000)
    await container.mountVolume(data, '/media/startos/volumes/main')
    expect(await run(container, 'stat', '-c', '%u', '/media/startos/volumes/main/theirs')).toBe('1000')
    await run(
      container,
      'sh',
      '-c',
      'cd /media/startos/volumes/main && touch root && cp theirs copy && chown 33:33 copy',
    )
    expect((await stat(join(data, 'root'))).uid).toBe(0)
    expect((await stat(join(data, 'copy'))).uid).toBe(33)
  })

  it('keeps a read-only volume read-only', async () => {
    await container.mountVolume(await volume('fixed'), '/media/startos/volumes/fixed', { readonly: true })
    const result = await container.exec(['touch', '/media/startos/volumes/fixed/x'])
    expect(result.stderr).toContain('Read-only file system')
  })

  it('shows other owners where the mount asks for it', async () => {
    const data = await volume('moved')
    for (const id of [0, 1000]) {
      await writeFile(join(data, `of-${id}`), '')
      await chown(join(data, `of-${id}`), id, id)
    }
    await container.mountVolume(data, '/mnt/moved', { idmap: [{ fromId: 0, toId: 1000, range: 1 }] })
    expect(await run(container, 'sh', '-c', 'cd /mnt/moved && stat -c %u of-0 of-1000')).toBe('1000\n65534')
  })

  it('replaces what it had mounted, and unmounts', async () => {
    const [first, second] = [await volume('first'), await volume('second')]
    await writeFile(join(first, 'one'), '')
    await writeFile(join(second, 'two'), '')
    await container.mountVolume(first, '/mnt/slot')
    await container.mountVolume(second, '/mnt/slot')
    expect(await run(container, 'ls', '/mnt/slot')).toBe('two')
    expect(await container.isMounted('/mnt/slot')).toBe(true)
    await container.unmount('/mnt/slot')
    await container.unmount('/mnt/slot')
    await container.unmount('/mnt/never-there')
    expect(await container.isMounted('/mnt/slot')).toBe(false)
    expect(await run(container, 'ls', '/mnt/slot')).toBe('')
  })

  it('makes a missing sub-directory only when asked', async () => {
    const data = await volume('parts')
    await expect(container.mountVolume(data, '/mnt/part', { subpath: 'a/b' })).rejects.toThrow()
    await container.mountVolume(data, '/mnt/part', { subpath: 'a/b', create: true })
    await run(container, 'touch', '/mnt/part/file')
    expect((await stat(join(data, 'a/b/file'))).uid).toBe(0)
  })

  it('follows no link out of a volume, and no ".."', async () => {
    const data = await volume('hostile')
    await symlink('/etc', join(data, 'etc'))
    await expect(container.mountVolume(data, '/mnt/x', { subpath: 'etc' })).rejects.toThrow('symbolic link')
    await expect(container.mountVolume(data, '/mnt/x', { subpath: '../owners' })).rejects.toThrow("'..'")
  })

  it('follows no link inside the container to a place on the host', async () => {
    await run(container, 'ln', '-s', world.scratch, '/escape')
    const data = await volume('target')
    await expect(container.mountVolume(data, '/escape/owned')).rejects.toThrow('symbolic link')
    await expect(stat(join(world.scratch, 'owned'))).rejects.toThrow()
  })

  it('is not mounted into any more once it is being removed', async () => {
    const data = await volume('late')
    const leaving = await world.container()
    const early = leaving.mountVolume(data, '/mnt/early')
    const removed = leaving.destroy()
    await expect(leaving.mountVolume(data, '/mnt/late')).rejects.toMatchObject({ kind: 'Cancelled' })
    await early
    await removed
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(leaving.guid)
  })

  it('shows a byte range of an archive as a file system', async () => {
    const { file, offset, size } = member
    await container.mountSquashfsMember(file, offset, size, '/media/startos/assets')
    expect(await run(container, 'cat', '/media/startos/assets/note')).toBe('from the archive')
    expect(await run(container, 'stat', '-c', '%u', '/media/startos/assets/note')).toBe('1234')
    expect((await container.exec(['touch', '/media/startos/assets/x'])).exitCode).toBe(1)
    await container.unmount('/media/startos/assets')
    expect(await run(container, 'ls', '/media/startos/assets')).toBe('')
  })

  it('shows one without its owners where nobody needs them', async () => {
    const { file, offset, size } = member
    await container.mountSquashfsMember(file, offset, size, '/usr/lib/startos/package', { idmap: false })
    expect(await run(container, 'stat', '-c', '%u', '/usr/lib/startos/package/note')).toBe('65534')
    expect(await run(container, 'cat', '/usr/lib/startos/package/note')).toBe('from the archive')
  })

  it('answers a broken or cut archive with a coded error and leaves nothing', async () => {
    const broken = join(world.scratch, 'broken')
    await writeFile(broken, Buffer.alloc(16384, 7))
    await expect(container.mountSquashfsMember(broken, 4096, 8192, '/mnt/broken')).rejects.toMatchObject({
      kind: 'Filesystem',
    })
    await truncate(broken, 4096)
    await expect(container.mountSquashfsMember(broken, 0, 8192, '/mnt/broken')).rejects.toMatchObject({
      kind: 'Filesystem',
    })
    expect((await execa('losetup', ['-l', '-n', '-O', 'BACK-FILE'])).stdout).not.toContain(broken)
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain('/mnt/broken')
  })

  it('makes writable layers that do not see each other, and removes them', async () => {
    const { file, offset, size } = member
    await container.mountSquashfsMember(file, offset, size, '/media/startos/images/main')
    const one = await container.createOverlay('/media/startos/images/main', 'one')
    const two = await container.createOverlay('/media/startos/images/main', 'two')
    expect(one).toBe('/media/startos/subcontainers/one')
    await run(container, 'sh', '-c', `echo changed > ${one}/note && rm ${one}/other`)
    expect(await run(container, 'cat', `${two}/note`, `${two}/etc/hostname`)).toBe(
      `from the archive${container.guid}`,
    )
    expect(await run(container, 'stat', '-c', '%u:%g', one, `${one}/etc`, `${one}/etc/hosts`)).toBe(
      '0:0\n0:0\n0:0',
    )
    expect((await container.overlays()).sort()).toEqual(['one', 'two'])
    await container.destroyOverlay('one')
    await container.destroyOverlay('one')
    expect(await container.overlays()).toEqual(['two'])
    expect(await run(container, 'ls', '/media/startos/subcontainers')).toBe('two')
    await container.destroyOverlay('two')
    await expect(container.createOverlay('/media/startos/images/none', 'x')).rejects.toMatchObject({
      kind: 'NotFound',
    })
    await expect(container.createOverlay('/media/startos/images/main', '../x')).rejects.toMatchObject({
      kind: 'InvalidId',
    })
  })
})

/** A squashfs in the middle of another file, as in an s9pk; its files belong to 1234. */
async function packMember(scratch: string): Promise<{ file: string; offset: number; size: number }> {
  const tree = join(scratch, 'tree')
  await mkdir(join(tree, 'etc'), { recursive: true })
  await writeFile(join(tree, 'note'), 'from the archive')
  await writeFile(join(tree, 'other'), '')
  const image = join(scratch, 'image.squashfs')
  await execa('mksquashfs', [
    tree,
    image,
    '-force-uid',
    '1234',
    '-force-gid',
    '1234',
    '-quiet',
    '-no-progress',
  ])
  const bytes = await readFile(image)
  const offset = 4096 + 17
  await writeFile(
    join(scratch, 'archive'),
    Buffer.concat([Buffer.alloc(offset, 1), bytes, Buffer.alloc(999, 2)]),
  )
  return { file: join(scratch, 'archive'), offset, size: bytes.length }
}
