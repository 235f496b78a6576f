import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PatchDb } from '../src/index.ts'
import { temporaryFile } from './temporary.ts'

async function openInChild(path: string): Promise<{ said: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'lock-child.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { said: said.toString().trim(), child }
}

describe('the lock of a database file', () => {
  it('refuses a second opener in the same process', async () => {
    const path = temporaryFile()
    const first = await PatchDb.open(path, { initial: {} })
    await expect(PatchDb.open(path)).rejects.toMatchObject({ code: 'Locked' })
    await expect(PatchDb.open(path)).rejects.toMatchObject({ code: 'Locked' })
    expect((await openInChild(path)).said).toBe('Locked')
    await first.close()
    await using second = await PatchDb.open(path)
    expect(second.sequence).toBe(0)
  })

  it('refuses another process, until that one is gone, however it went', async () => {
    const path = temporaryFile()
    const { said, child } = await openInChild(path)
    expect(said).toBe('held')
    await expect(PatchDb.open(path)).rejects.toMatchObject({ code: 'Locked' })
    child.kill('SIGKILL')
    await once(child, 'close')
    await using db = await PatchDb.open(path)
    expect((await db.put('/x', 1))?.id).toBe(1)
  })

  it('is free again when opening failed', async () => {
    const path = temporaryFile()
    await expect(PatchDb.open(path, { initial: { a: undefined } })).rejects.toMatchObject({
      code: 'InvalidValue',
    })
    await using db = await PatchDb.open(path, { initial: {} })
    expect(db.peek()).toEqual({})
  })
})
