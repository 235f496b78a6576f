import { readFile } from 'node:fs/promises'
import { machine } from 'node:os'
import { join } from 'node:path'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packProject } from '../../core/src/s9pk/pack/index.ts'
import { remains } from '../../core/src/service/test/world.ts'
import { REAL_SDK_PACKAGE, realSdkBundle } from './support/real-sdk-package.ts'
import { Server, runtimeMemory } from './support/server.ts'

const ID = 'greeter'

describe('a package made with the published SDK, on a real server', () => {
  let server: Server
  const port = async () => (await server.entry(ID))?.hosts['main']?.bindings['8080']?.net.assignedPort
  const page = async (): Promise<string> => (await fetch(`http://127.0.0.1:${await port()}/`)).text()
  const volume = (name: string) =>
    readFile(join(server.world.place.dataDir, `package-data/volumes/${ID}/data/main/${name}`), 'utf8')
  const greet = (input: object) =>
    server.cli(['package', 'action', 'run', ID, 'set-greeting'], JSON.stringify(input))
  const isHealthy = ({ statusInfo }: PackageDataEntry) =>
    statusInfo.started !== null && statusInfo.health['web']?.result === 'success'
  const healthy = () => server.seen(ID, isHealthy)

  beforeAll(async () => {
    server = await Server.open()
  })

  afterAll(() => server[Symbol.asyncDispose]())

  it('is packed and sideloaded unmodified, and waits for its critical task', async () => {
    const { path, manifest } = await packProject(REAL_SDK_PACKAGE, {
      javascript: await realSdkBundle(),
      seed: new Uint8Array(32).fill(3),
      output: join(server.world.scratch, 'greeter.s9pk'),
      arch: [machine()],
    })
    expect(manifest).toMatchObject({ id: ID, sdkVersion: '2.0.9', version: '1.1.0:0' })
    await server.cli(['package', 'install', path])
    const entry = await server.seen(ID, ({ stateInfo }) => stateInfo.state === 'installed')
    expect(Object.keys(entry.actions)).toEqual(['set-greeting', 'show-token'])
    expect(entry.actions['show-token']?.visibility).toBe('enabled')
    expect(entry.hosts['main']?.bindings['8080']?.interfaces['page']).toMatchObject({
      type: 'ui',
      name: 'Greeting',
    })
    expect(entry.tasks[`${ID}:set-greeting`]).toMatchObject({ active: true, task: { severity: 'critical' } })
    await expect(server.cli(['package', 'start', ID])).rejects.toThrow('critical task')
  })

  it('shows the form of its action and takes the answers, which settles the task', async () => {
    const form = JSON.parse(
      await server.cli(['package', 'action', 'get-input', ID, 'set-greeting', '--format', 'json']),
    )
    const types = Object.entries<{ type: string }>(form.spec).map(([name, { type }]) => [name, type])
    expect(types).toEqual([
      ['name', 'text'],
      ['times', 'number'],
      ['loud', 'toggle'],
      ['language', 'select'],
    ])
    expect(form.value).toMatchObject({ name: 'World', times: 1, loud: false, language: 'en' })
    const input = { name: 'Ada', times: 2, loud: false, language: 'de' }
    await greet(input)
    expect(JSON.parse(await volume('settings.json'))).toMatchObject(input)
    expect((await server.entry(ID))?.tasks[`${ID}:set-greeting`]?.active ?? false).toBe(false)
  })

  it('runs its daemons in a subcontainer, reports health, and its page can be read', async () => {
    await server.cli(['package', 'start', ID])
    expect((await healthy()).statusInfo.health).toEqual({
      web: { name: 'Web page', result: 'success', message: 'The page is up' },
    })
    expect(await page()).toBe('Hallo, Ada!\nHallo, Ada!\n')
  })

  it('shows a secret by an action without a form', async () => {
    const { token } = JSON.parse(await volume('settings.json'))
    expect(token).toMatch(/^[A-Za-z0-9]{22}$/)
    expect(await server.cli(['package', 'action', 'run', ID, 'show-token'])).toContain(token)
  })

  it('restarts itself when the file changes that its main has read', async () => {
    const { started } = (await healthy()).statusInfo
    await greet({ name: 'Grace', times: 1, loud: true, language: 'en' })
    await server.seen(ID, (entry) => isHealthy(entry) && entry.statusInfo.started !== started)
    expect(await page()).toBe('HELLO, GRACE!\n')
  })

  it('runs on when the server is killed and comes back, and still restarts itself after that', async () => {
    const { started } = (await healthy()).statusInfo
    await server.kill('SIGKILL')
    await server.start()
    expect((await healthy()).statusInfo.started).toBe(started)
    expect(await page()).toBe('HELLO, GRACE!\n')
    await greet({ name: 'Linus', times: 1, loud: false, language: 'en' })
    await server.seen(ID, (entry) => isHealthy(entry) && entry.statusInfo.started !== started)
    expect(await page()).toBe('Hello, Linus!\n')
  })

  it('rests in less than 45 MB that its runtime shares with nobody', async () => {
    const [, guid = ''] =
      new RegExp(`^${ID} +([A-Z2-7]{32})`, 'm').exec(await server.cli(['package', 'stats'])) ?? []
    await expect.poll(() => runtimeMemory(guid), { timeout: 30_000, interval: 500 }).toBeLessThan(45)
    if (process.env['STARTD_TEST_LOG']) console.error(`rests in ${(await runtimeMemory(guid)).toFixed(1)} MB`)
  })

  it('stops, and is removed with nothing left', async () => {
    const closed = `http://127.0.0.1:${await port()}/`
    await server.cli(['package', 'stop', ID])
    await server.seen(ID, ({ statusInfo }) => statusInfo.started === null)
    await expect(fetch(closed)).rejects.toThrow()
    await server.cli(['package', 'uninstall', ID])
    await expect.poll(() => server.entry(ID), { timeout: 20_000 }).toBeNull()
    await expect.poll(() => remains(server.world.place, ID)).toEqual([])
  })
})
