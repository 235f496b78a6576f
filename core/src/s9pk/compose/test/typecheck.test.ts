import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { fromCompose } from '../index.ts'
import { FIXTURES, fixtureNames } from './fixtures.ts'

const ROOT = join(import.meta.dirname, '../../../../..')

it('every project that is made of a compose file passes the type check', async () => {
  await mkdir(join(ROOT, '.cache'), { recursive: true })
  const directory = await mkdtemp(join(ROOT, '.cache/compose-'))
  try {
    // Images on disk are named, so that both kinds of project are checked.
    const images = new Map([['jellyfin', join(FIXTURES, 'blog')]])
    for (const name of await fixtureNames())
      await fromCompose(join(FIXTURES, name), { output: join(directory, name), images })
    const tsconfig = { extends: '../../build/tsconfig.base.json', include: ['*/startos'] }
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(tsconfig))
    const { stdout } = await execa('tsc', ['-p', directory], {
      preferLocal: true,
      localDir: ROOT,
      reject: false,
    })
    expect(stdout).toBe('')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}, 120_000)
