import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gitHash } from './authored-manifest.ts'

describe('the commit in a package', () => {
  let project: string
  const git = (...args: string[]) =>
    execa('git', ['-C', project, '-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args])
  const file = () => join(project, 'file')

  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), 'startd-git-'))
    await writeFile(file(), 'committed')
    await git('init', '--quiet')
    await git('add', '.')
    await git('commit', '--quiet', '--message', 'First')
  })
  afterEach(() => rm(project, { recursive: true }))

  it('is marked when a file was changed since', async () => {
    await writeFile(file(), 'changed')
    expect(await gitHash(project)).toMatch(/^[0-9a-f]{40}-modified$/)
  })

  it('is not marked for files of which only the times have changed, or that are not followed', async () => {
    await utimes(file(), 1, 1)
    await writeFile(join(project, 'package.s9pk'), '')
    expect(await gitHash(project)).toMatch(/^[0-9a-f]{40}$/)
  })
})
