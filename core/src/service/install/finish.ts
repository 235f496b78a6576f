import { rm } from 'node:fs/promises'
import { publicKeyPem } from '@startd/base/s9pk/index.ts'
import { openS9pkFile } from '../../s9pk/index.ts'
import { readDataVersion } from '../data-version.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { changeEntry, entryOf } from '../model.ts'
import { Service } from '../service.ts'
import type { ServiceTable } from '../service-table.ts'
import * as entries from './entry.ts'
import { exitTarget } from './exit-target.ts'
import type { Job } from './job.ts'
import { rememberSigner } from './signer.ts'
import { dropSnapshot, takeSnapshot } from './snapshot.ts'
import { rememberSource } from './source.ts'

interface House {
  lifecycle: Lifecycle
  table: ServiceTable
}

/** Makes a package that lies in `file` the installed version: stops the old one, keeps its data, starts the new one. */
export async function finish({ lifecycle, table }: House, job: Job, file: string): Promise<void> {
  const { db, paths, log } = lifecycle.deps
  const { id, updating, signal, progress } = job
  signal.throwIfAborted()
  progress.unpacked()
  await changeEntry(db, id, (entry) => {
    entries.setFile(entry, file)
  })
  const before = entryOf(db.peek(), id)
  const details = await readDetails(file)
  const dataVersion = await readDataVersion(paths, id)
  const old = table.find(id)
  job.touched = true
  if (old) await old.halt()
  await takeSnapshot(paths, id)
  signal.throwIfAborted()
  if (old && 'manifest' in before.stateInfo) {
    const target = exitTarget(dataVersion, before.stateInfo.manifest, details.manifest)
    await lifecycle.unload(old, { target, force: false })
  }
  const service = await Service.start(lifecycle.deps, {
    id,
    file,
    kind: dataVersion === null ? 'install' : 'update',
    signal,
    onProgress: (value) => {
      progress.initialising(value)
    },
  })
  // From here on an undo finds the new service in the table and unloads it.
  table.add(service)
  await progress.complete()
  await db.mutate((model) => {
    entries.complete(model, id, { ...details, file })
    rememberSigner(model, id, details.developerKey)
    rememberSource(model, id, { urls: [...job.urls], commitment: details.commitment })
  })
  job.committed = true
  service.run()
  log(`${id}: version ${details.manifest.version} is installed`)
  if (updating && before.s9pk !== file) await rm(before.s9pk, { force: true })
  await dropSnapshot(paths, id)
}

async function readDetails(file: string) {
  await using opened = await openS9pkFile(file)
  const { s9pk } = opened
  return {
    manifest: s9pk.manifest,
    developerKey: publicKeyPem(s9pk.signer),
    icon: await s9pk.icon(),
    commitment: s9pk.commitment,
  }
}
