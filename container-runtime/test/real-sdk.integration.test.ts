import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { machine } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packProject } from '../../core/src/s9pk/pack/index.ts'
import {
  type Daemon,
  type World,
  openWorld,
  remains,
  startDaemon,
  statusOf,
  until,
} from '../../core/src/service/test/world.ts'
import { REAL_SDK_PACKAGE, realSdkBundle } from './support/real-sdk-package.ts'

const ID = 'greeter'

describe('a package made with the published SDK', () => {
  let world: World
  let daemon: Daemon
  const entry = () => daemon.db.peek().public.packageData[ID]
  const port = () => entry()?.hosts['main']?.bindings['8080']?.net.assignedPort
  const page = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port()}/`)).text()
  const settings = async (): Promise<Record<string, unknown>> =>
    JSON.parse(
      await readFile(join(world.place.dataDir, `package-data/volumes/${ID}/data/main/settings.json`), 'utf8'),
    )
  const healthy = () =>
    statusOf(daemon.db, ID, ({ started, health }) => started !== null && health['web']?.result === 'success')

  beforeAll(async () => {
    world = await openWorld()
    daemon = await startDaemon(world.place)
  })

  afterAll(async () => {
    await daemon.stop()
    await world.dispose()
  })

  it('is packed and installed unmodified, and asks for its critical task', async () => {
    const { path, manifest } = await packProject(REAL_SDK_PACKAGE, {
      javascript: await realSdkBundle(),
      seed: new Uint8Array(32).fill(3),
      output: join(world.scratch, 'greeter.s9pk'),
      arch: [machine()],
    })
    expect(manifest).toMatchObject({ id: ID, sdkVersion: '2.0.9', version: '1.1.0:0' })
    const installed = await daemon.services.install(createReadStream(path), {
      size: null,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    })
    expect(installed).toEqual({ id: ID })
    expect(entry()?.stateInfo.state).toBe('installed')
    expect(Object.keys(entry()?.actions ?? {})).toEqual(['set-greeting', 'show-token'])
    expect(entry()?.actions['show-token']?.visibility).toBe('enabled')
    expect(entry()?.hosts['main']?.bindings['8080']?.interfaces['page']).toMatchObject({
      type: 'ui',
      name: 'Greeting',
    })
    expect(entry()?.tasks[`${ID}:set-greeting`]).toMatchObject({
      active: true,
      task: { severity: 'critical' },
    })
    await expect(daemon.services.start(ID, false)).rejects.toThrow('critical task')
  })

  it('fills and takes the form of its action, which settles the task', async () => {
    const form = await daemon.services.getActionInput(ID, 'set-greeting', null)
    expect(
      Object.entries(form?.spec ?? {}).map(([name, field]) => [name, (field as { type: string }).type]),
    ).toEqual([
      ['name', 'text'],
      ['times', 'number'],
      ['loud', 'toggle'],
      ['language', 'select'],
    ])
    expect(form?.value).toMatchObject({ name: 'World', times: 1, loud: false, language: 'en' })
    const input = { name: 'Ada', times: 2, loud: false, language: 'de' }
    expect(await daemon.services.runAction(ID, 'set-greeting', form?.eventId ?? '', input)).toBeNull()
    expect(await settings()).toMatchObject(input)
    expect(entry()?.tasks[`${ID}:set-greeting`]?.active ?? false).toBe(false)
  })

  it('runs its daemons in subcontainers, reports health, and its page is reachable', async () => {
    await daemon.services.start(ID, false)
    expect((await healthy()).health).toEqual({
      web: { name: 'Web page', result: 'success', message: 'The page is up' },
    })
    expect(await page()).toBe('Hallo, Ada!\nHallo, Ada!\n')
  })

  it('shows a secret by an action without a form', async () => {
    expect(await daemon.services.runAction(ID, 'show-token', null, null)).toMatchObject({
      title: 'Token',
      result: { type: 'single', masked: true, value: (await settings())['token'] },
    })
  })

  it('restarts itself when the file changes that its main has read', async () => {
    const before = (await healthy()).started
    const form = await daemon.services.getActionInput(ID, 'set-greeting', null)
    const input = { name: 'Grace', times: 1, loud: true, language: 'en' }
    await daemon.services.runAction(ID, 'set-greeting', form?.eventId ?? '', input)
    await statusOf(
      daemon.db,
      ID,
      ({ started, health }) => started !== null && started !== before && health['web']?.result === 'success',
    )
    expect(await page()).toBe('HELLO, GRACE!\n')
  })

  it('runs on when the server goes away and comes back', async () => {
    const { started } = await healthy()
    await daemon.stop()
    daemon = await startDaemon(world.place)
    expect((await healthy()).started).toBe(started)
    expect(await page()).toBe('HELLO, GRACE!\n')
  })

  it('rests in little memory: the runtime with the SDK loaded keeps less than 45 MB for itself', async () => {
    const [guid = ''] = await daemon.driver.list()
    const container = await daemon.driver.adopt(guid)
    const ofNode =
      'for p in /proc/[0-9]*; do [ "$(readlink $p/exe)" = /usr/bin/node ] && cat $p/smaps_rollup; done'
    const anonymous = async (): Promise<number> => {
      const { stdout } = (await container?.exec(['sh', '-c', ofNode])) ?? { stdout: '' }
      return Number(/^Anonymous: +(\d+) kB$/m.exec(stdout)?.[1]) / 1024
    }
    await expect.poll(anonymous, { timeout: 30_000, interval: 500 }).toBeLessThan(45)
    if (process.env['STARTD_TEST_LOG'])
      console.error(`the runtime rests in ${(await anonymous()).toFixed(1)} MB`)
  })

  it('stops, and is removed with nothing left', async () => {
    await daemon.services.stop(ID)
    await statusOf(daemon.db, ID, ({ started }) => started === null)
    await expect(fetch(`http://127.0.0.1:${port()}/`)).rejects.toThrow()
    await daemon.services.uninstall(ID, { soft: false, force: false })
    await until(daemon.db, ({ public: { packageData } }) => !packageData[ID], 'removed')
    await expect.poll(() => remains(world.place, ID)).toEqual([])
  })
})
