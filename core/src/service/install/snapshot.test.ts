import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { servicePaths, type ServicePaths } from '../paths.ts'
import { dropSnapshot, restoreSnapshot, takeSnapshot } from './snapshot.ts'

describe('the snapshot of a package’s volumes', () => {
  let root: string
  let paths: ServicePaths
  let file: string
  const volumes = () => readdir(dirname(paths.volumes('probe'))).catch(() => [])
  const write = async (text: string) => {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'startd-snapshot-'))
    paths = servicePaths(root)
    file = join(paths.volume('probe', 'main'), 'file')
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it('brings back what the volumes held', async () => {
    await write('old')
    await takeSnapshot(paths, 'probe')
    await write('new')
    await restoreSnapshot(paths, 'probe')
    expect(await readFile(file, 'utf8')).toBe('old')
    expect(await volumes()).toEqual(['probe'])
  })

  it('of a package without volumes brings back nothing', async () => {
    await mkdir(dirname(paths.volumes('probe')), { recursive: true })
    await takeSnapshot(paths, 'probe')
    await write('new')
    await restoreSnapshot(paths, 'probe')
    expect(await volumes()).toEqual([])
  })

  it('that was never taken leaves the volumes alone', async () => {
    await write('old')
    await restoreSnapshot(paths, 'probe')
    expect(await readFile(file, 'utf8')).toBe('old')
  })

  it('is brought back by a second try when the first one died half way', async () => {
    await write('old')
    await takeSnapshot(paths, 'probe')
    await write('new')
    await rename(paths.volumes('probe'), `${paths.volumes('probe')}.discarded`)
    await restoreSnapshot(paths, 'probe')
    expect(await readFile(file, 'utf8')).toBe('old')
    expect(await volumes()).toEqual(['probe'])
  })

  it('that died while it was copied counts as none', async () => {
    await write('old')
    await mkdir(`${paths.volumes('probe')}.partial`)
    await restoreSnapshot(paths, 'probe')
    expect(await readFile(file, 'utf8')).toBe('old')
    expect(await volumes()).toEqual(['probe'])
  })

  it('is gone after a success', async () => {
    await write('old')
    await takeSnapshot(paths, 'probe')
    await write('new')
    await dropSnapshot(paths, 'probe')
    expect(await readFile(file, 'utf8')).toBe('new')
    expect(await volumes()).toEqual(['probe'])
  })
})
