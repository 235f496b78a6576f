import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PatchDb } from '@startd/patch-db'
import archives from '../../../sdk/base/test/vectors/s9pk-archives.json' with { type: 'json' }
import { packageFiles } from '../../src/api/package-files.ts'
import { firstDocument, type ServerDb } from '../../src/db/index.ts'
import { begin } from '../../src/service/install/entry.ts'

const ACCOUNT = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }
const TINY = archives.vectors.find(({ name }) => name === 's9pk-tiny-pack-order')!

describe('a file of an installed package', () => {
  let directory: string
  let archive: string
  let db: ServerDb
  const open = async () => (await packageFiles(db)('tiny', 'manifest.json'))!
  /** How often this process has the archive open. */
  const openings = async () => {
    const links = (await readdir('/proc/self/fd')).map((fd) =>
      readlink(`/proc/self/fd/${fd}`).catch(() => ''),
    )
    return (await Promise.all(links)).filter((path) => path === archive).length
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'startd-files-'))
    archive = join(directory, 'tiny.s9pk')
    await writeFile(archive, Buffer.from(TINY.bytesHex, 'hex'))
    db = await PatchDb.open(join(directory, 'db'), { initial: firstDocument(ACCOUNT) })
    await db.mutate((model) => {
      const manifest = { id: 'tiny' } as never
      const progress = { overall: null, phases: [] }
      begin(model, { manifest, file: archive, developerKey: '', icon: null, progress })
    })
  })
  afterEach(async () => {
    await db.close()
    await rm(directory, { recursive: true })
  })

  it('is read whole, and the archive is closed again', async () => {
    const { content, size } = await open()
    expect((await text(content)).length).toBe(size)
    await expect.poll(openings).toBe(0)
  })

  it('leaves the archive closed when the visitor goes before the first byte', async () => {
    const { content } = await open()
    content.destroy()
    await finished(content).catch(() => undefined)
    await expect.poll(openings).toBe(0)
  })
})
