import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PatchDb } from '@startd/patch-db'
import type { Database } from '@startd/base/model.ts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkModel, firstDocument, Rewriter, type ServerDb } from './index.ts'

const account = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }

async function openDb(): Promise<ServerDb> {
  const directory = mkdtempSync(join(tmpdir(), 'startd-rewrite-'))
  const db = await PatchDb.open<Database>(join(directory, 'test.db'), { initial: firstDocument(account) })
  onTestFinished(async () => {
    await db.close()
    rmSync(directory, { recursive: true })
  })
  return db
}

describe('rewriting the state', () => {
  it('takes nothing away from those who write meanwhile', async () => {
    const db = await openDb()
    let writes = 0
    let done = false
    const rewriting = new Rewriter(db).apply('.public.serverInfo.name = "New"').finally(() => (done = true))
    while (!done) {
      await db.mutate((draft) => (draft.public.ui.snakeHighScore = ++writes))
      await new Promise(setImmediate)
    }
    await rewriting
    expect(db.peek().public).toMatchObject({ serverInfo: { name: 'New' }, ui: { snakeHighScore: writes } })
  })

  it('runs one program after the other, and makes no revision of nothing', async () => {
    const db = await openDb()
    const rewriter = new Rewriter(db)
    const next = '.public.ui.snakeHighScore += 1'
    await Promise.all([rewriter.apply(next), rewriter.apply(next), rewriter.apply(next)])
    expect(db.peek().public.ui.snakeHighScore).toBe(3)
    const { sequence } = db
    await rewriter.apply('.')
    expect(db.sequence).toBe(sequence)
    await expect(rewriter.apply('.public |= del(.ui)')).rejects.toMatchObject({ kind: 'Deserialization' })
    await rewriter.apply(next)
    expect(db.peek().public.ui.snakeHighScore).toBe(4)
  })
})

describe('the model', () => {
  it('fits the first document, and whatever is added to it', () => {
    const document = firstDocument(account)
    expect(checkModel(document)).toBe(document)
    const more = { ...document, public: { ...document.public, added: 1 } }
    expect(checkModel(more)).toBe(more)
  })

  it.each([null, [], { public: {} }, { public: firstDocument(account).public }])(
    'does not fit %j',
    (document) => {
      expect(() => checkModel(document)).toThrow('does not fit')
    },
  )
})
