import { mkdtemp, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { PatchDb } from '@startd/patch-db'
import { EFFECTS } from '@startd/base/effects.ts'
import type { Database } from '@startd/base/model.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstDocument } from '../db/index.ts'
import { begin } from '../service/install/entry.ts'
import { ServiceNet } from './service-net.ts'

const ACCOUNT = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }
const BINDING = { id: 'main', internalPort: 80, preferredExternalPort: 80, addSsl: null, secure: null }
const ADDRESS = {
  hostId: 'main',
  internalPort: 80,
  scheme: 'http',
  sslScheme: null,
  suffix: '',
  username: null,
}
const INTERFACE = { id: 'ui', name: 'UI', description: '', masked: false, type: 'ui', addressInfo: ADDRESS }
const BRIDGE = '127.0.0.2'

/** A device that other machines may reach this one on. */
const outside = () =>
  Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ family, internal }) => family === 'IPv4' && !internal),
  )?.[0] ?? 'lo'

describe('the addresses of a service', () => {
  let directory: string
  let db: PatchDb<Database>
  let net: ServiceNet

  const start = (listenAddress: string) => {
    net = new ServiceNet({ db, place: { listenAddress, bridgeAddress: BRIDGE }, log: () => undefined })
    net.attach('probe', '127.0.0.3')
  }
  const devices = () =>
    db
      .peek()
      .public.packageData['probe']?.hosts['main']?.bindings['80']?.addresses.available.map(
        ({ metadata }) => 'gateway' in metadata && metadata.gateway,
      )

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'startd-net-'))
    db = await PatchDb.open(join(directory, 'db'), { initial: firstDocument(ACCOUNT) })
    await db.mutate((model) => {
      const progress = { overall: null, phases: [] }
      begin(model, { manifest: { id: 'probe' } as never, file: '', developerKey: '', icon: null, progress })
    })
  })
  afterEach(async () => {
    await net.close()
    await db.close()
    await rm(directory, { recursive: true })
  })

  it('follow where the server listens now, for a service that ran on', async () => {
    start('127.0.0.1')
    await net.bind('probe', EFFECTS.bind.params.parse(BINDING))
    await net.exportInterface('probe', EFFECTS['export-service-interface'].params.parse(INTERFACE))
    expect(devices()).toEqual(['lo', 'lxcbr0'])
    await net.close()
    start('0.0.0.0')
    await expect.poll(devices).toEqual(expect.arrayContaining(['lo', 'lxcbr0', outside()]))
    await net.close()
    start('127.0.0.1')
    await expect.poll(devices).toEqual(['lo', 'lxcbr0'])
  })
})
