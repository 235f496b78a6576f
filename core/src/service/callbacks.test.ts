import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PatchDb } from '@startd/patch-db'
import { firstDocument } from '../db/index.ts'
import { Callbacks } from './callbacks.ts'
import type { Db } from './model.ts'

const ACCOUNT = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }
const NAME = ['public', 'serverInfo', 'name']

describe('the callbacks of a container', () => {
  let directory: string
  let db: Db
  let callbacks: Callbacks
  const fired: [number, unknown[]][] = []
  const rename = (name: string) =>
    db.mutate(({ public: { serverInfo } }) => {
      serverInfo.name = name
    })

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'startd-callbacks-'))
    db = await PatchDb.open(join(directory, 'db'), { initial: firstDocument(ACCOUNT) })
    fired.length = 0
    callbacks = new Callbacks({
      db,
      notify: (id, args) => {
        fired.push([id, args])
        return Promise.resolve()
      },
    })
  })
  afterEach(async () => {
    callbacks.close()
    await db.close()
    await rm(directory, { recursive: true })
  })

  it('fire once, with the new value', async () => {
    callbacks.onChange(7, NAME)
    await rename('One')
    await rename('Two')
    expect(fired).toEqual([[7, ['One']]])
  })

  it('never fire again once they were cleared', async () => {
    for (const id of [1, 2, 3]) callbacks.onChange(id, NAME)
    callbacks.clear({ only: [1] })
    callbacks.clear({ except: [3] })
    await rename('One')
    expect(fired).toEqual([[3, ['One']]])
  })

  it('are not taken any more when the container is let go of', async () => {
    callbacks.close()
    callbacks.onChange(1, NAME)
    await rename('One')
    expect(fired).toEqual([])
  })

  it('that are too many are refused, and nothing waits for them', () => {
    for (let id = 0; id < 20_000; id++) callbacks.on(id, () => () => undefined)
    let subscribed = 0
    expect(() => {
      callbacks.on(20_000, () => {
        subscribed++
        return () => undefined
      })
    }).toThrow('too many')
    expect(() => {
      callbacks.onChange(20_000, NAME)
    }).toThrow('too many')
    expect(subscribed).toBe(0)
  })
})
