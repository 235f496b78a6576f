import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Backups } from '../src/backup/backups.ts'
import { rsyncArgs } from '../src/backup/rsync.ts'
import { setupBackups } from '../src/backup/setup.ts'
import { FullProgressTracker } from '../src/progress.ts'
import { HostInMemory } from './kit/effects.ts'

let directory: string
let host: HostInMemory
const backups = () =>
  Backups.ofSyncs({ dataPath: join(directory, 'data/'), backupPath: join(directory, 'backup/') })

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'backups-'))
  host = new HostInMemory()
  await mkdir(join(directory, 'data'))
  await writeFile(join(directory, 'data/file'), 'kept')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

describe('a backup', () => {
  it('copies with the flags that restores of other systems expect', () => {
    expect(rsyncArgs('/from/', '/to/', { exclude: ['/cache'] })).toEqual([
      '--delete',
      '--exclude=/cache',
      '-rlptgoAXH',
      '--partial',
      '--inplace',
      '--timeout=300',
      '--info=progress2',
      '/from/',
      '/to/',
    ])
  })

  it('copies there and back, and tells how far it is', async () => {
    const order: string[] = []
    const { createBackup, restoreInit } = setupBackups(async () =>
      backups()
        .setPreBackup(async () => void order.push('before'))
        .setPostBackup(async () => void order.push('after')),
    )
    await createBackup({ effects: host.effects('backup') })
    expect(await readFile(join(directory, 'backup/file'), 'utf8')).toBe('kept')
    expect(order).toEqual(['before', 'after'])
    expect(host.sent('setBackupProgress').at(-1)).toEqual({
      progress: {
        overall: { done: 100, total: 100, units: null },
        phases: [
          { name: 'pre-backup', progress: true },
          { name: `rsync:${join(directory, 'backup/')}`, progress: true },
          { name: 'post-backup', progress: true },
        ],
      },
    })

    await writeFile(join(directory, 'data/newer'), 'gone after the restore')
    await restoreInit.init(host.effects('init'), 'install', new FullProgressTracker())
    expect(await readdir(join(directory, 'data'))).toEqual(['file', 'newer'])
    await restoreInit.init(host.effects('init'), 'restore', new FullProgressTracker())
    expect(await readdir(join(directory, 'data'))).toEqual(['file'])
  })

  it('leaves out what is excluded', async () => {
    await writeFile(join(directory, 'data/cache'), 'x')
    await backups()
      .setOptions({ exclude: ['/cache'] })
      .createBackup(host.effects('b'), new FullProgressTracker())
    expect(await readdir(join(directory, 'backup'))).toEqual(['file'])
  })

  it('says what went wrong', async () => {
    const missing = Backups.ofSyncs({
      dataPath: join(directory, 'nothing/'),
      backupPath: join(directory, 'backup/'),
    })
    await expect(missing.createBackup(host.effects('b'), new FullProgressTracker())).rejects.toThrow(
      /rsync exited with code 23\n.*No such file/s,
    )
  })
})
