import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { idOf, initProject } from './index.ts'

let world: string
beforeEach(async () => {
  world = await mkdtemp(join(tmpdir(), 'init-test-'))
})
afterEach(() => rm(world, { recursive: true }))

describe('a new project', () => {
  it('has every part of a package, with its id and title in their places', async () => {
    const directory = join(world, 'my-pages')
    const made = await initProject(directory, { title: "Ada's {{id}} $& Pages" })
    expect(made).toMatchObject({ directory, id: 'my-pages', title: "Ada's {{id}} $& Pages" })
    for (const name of [
      'images.yaml',
      'icon.svg',
      'LICENSE',
      'instructions.md',
      '.gitignore',
      'startos/index.ts',
    ])
      expect(made.files).toContain(name)
    const text = async (name: string) => readFile(join(directory, name), 'utf8')
    expect(await text('startos/manifest.ts')).toContain(
      "id: 'my-pages',\n  title: 'Ada\\'s {{id}} $& Pages',",
    )
    expect(await text('instructions.md')).toContain("# Ada's {{id}} $& Pages\n")
  })

  it('goes into an empty directory, and never over files', async () => {
    await mkdir(join(world, 'empty'))
    expect(await initProject(join(world, 'empty'))).toMatchObject({ id: 'empty', title: 'Empty' })
    await mkdir(join(world, 'full'))
    await writeFile(join(world, 'full/notes'), 'mine')
    await expect(initProject(join(world, 'full'))).rejects.toThrow(/full is not empty/)
    expect(await readdir(join(world, 'full'))).toEqual(['notes'])
    await expect(initProject(join(world, 'full/notes'))).rejects.toThrow(/could not create|not a directory/i)
  })

  it('needs an id that packages can have, and makes nothing otherwise', async () => {
    await expect(initProject(join(world, 'Ünmöglich'))).resolves.toMatchObject({ id: 'nmglich' })
    await expect(initProject(join(world, 'a'), { id: 'Not An Id' })).rejects.toMatchObject({
      kind: 'InvalidId',
    })
    await expect(initProject(join(world, '日本'))).rejects.toMatchObject({ kind: 'InvalidId' })
    await expect(initProject(join(world, 'a'), { title: 'two\nlines' })).rejects.toThrow(/one line/)
    expect(await readdir(world)).toEqual(['Ünmöglich'])
  })

  it('is named after what people call it', () => {
    expect(idOf('  Hello_World  2!')).toBe('hello-world-2')
    expect(idOf('A--B')).toBe('a-b')
  })
})
