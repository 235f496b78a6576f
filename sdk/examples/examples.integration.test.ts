import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { buildExample } from '../../build/steps/example-packages.ts'
import { TestServer } from './test/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await TestServer.create()
}, 300_000)
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
}, 60_000)

const healthy = ({ statusInfo: { health } }: PackageDataEntry) =>
  Object.keys(health).length > 0 && Object.values(health).every(({ result }) => result === 'success')
const stopped = ({ statusInfo }: PackageDataEntry) => statusInfo.started === null

async function install(name: string): Promise<void> {
  const { path } = await buildExample(name)
  await server.cli(['package', 'install', path])
}

function basic(user: string, password: string): RequestInit {
  return { headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } }
}

describe('hello-world', () => {
  const page = async () => (await fetch(await server.address('hello-world', 'main', 8080))).text()

  it('is installed from its file, with its actions and its interface', async () => {
    await install('hello-world')
    const entry = await server.until('hello-world', (entry) => entry.stateInfo.state === 'installed' && entry)
    expect(Object.keys(entry.actions)).toEqual(['set-greeting', 'show-details'])
    expect(entry.hosts['main']?.bindings['8080']?.interfaces['ui']).toMatchObject({
      name: 'Web page',
      type: 'ui',
    })
  })

  it('starts, becomes well, and gives out its page', async () => {
    await server.cli(['package', 'start', 'hello-world'])
    await server.until('hello-world', healthy)
    expect(await page()).toContain('<h1>Hello, World!</h1>')
  })

  it('changes its page by a form, and refuses a value that does not fit', async () => {
    const run = (input: object) =>
      server.cli([
        'package',
        'action',
        'run',
        'hello-world',
        'set-greeting',
        '--input',
        JSON.stringify(input),
      ])
    const result = await run({ greeting: 'Hi <you>', colour: 'plum', showDate: false })
    expect(result).toMatchObject({ title: 'Greeting changed', result: { type: 'single', value: 'Hi <you>' } })
    expect(await page()).toContain('<h1>Hi &lt;you&gt;</h1>')
    await expect(run({ greeting: 'x', colour: 'black', showDate: false })).rejects.toThrow(/at colour/)
  })

  it('shows what the page is made of', async () => {
    const result = await server.cli(['package', 'action', 'run', 'hello-world', 'show-details'])
    expect(result).toMatchObject({
      result: { type: 'group', value: [{ value: 'Hi <you>' }, { value: 'Plum' }] },
    })
  })

  it('is found again by a server that was killed, without starting again', async () => {
    const before = await server.until('hello-world', ({ statusInfo }) => statusInfo.started)
    await server.kill()
    await server.start()
    expect(await server.until('hello-world', ({ statusInfo }) => statusInfo.started)).toBe(before)
    expect(await page()).toContain('Hi &lt;you&gt;')
    await server.until('hello-world', healthy)
  })

  it('keeps the greeting when it is stopped and started', async () => {
    await server.cli(['package', 'stop', 'hello-world'])
    await server.until('hello-world', stopped)
    await server.cli(['package', 'start', 'hello-world'])
    await server.until('hello-world', healthy)
    expect(await page()).toContain('Hi &lt;you&gt;')
  })

  it('is uninstalled, with its data', async () => {
    await server.cli(['package', 'uninstall', 'hello-world'])
    expect(await server.cli(['package', 'list'])).toEqual([])
    await expect(
      readFile(`${server.data}/package-data/volumes/hello-world/data/main/settings.json`),
    ).rejects.toThrow()
  })
})

describe('syncthing', () => {
  interface Credentials {
    result: { value: { value: string; masked: boolean; copyable: boolean }[] }
  }
  const action = (id: string) =>
    server.cli(['package', 'action', 'run', 'syncthing', id]) as Promise<Credentials>
  const status = async (password: string) => {
    const address = await server.address('syncthing', 'ui', 8384)
    return (await fetch(address, basic('admin', password))).status
  }

  it('becomes well, and lets nobody in without the password', async () => {
    await install('syncthing')
    await server.cli(['package', 'start', 'syncthing'])
    const { statusInfo } = await server.until('syncthing', (entry) => healthy(entry) && entry)
    expect(Object.values(statusInfo.health).map(({ name }) => name)).toEqual(['Web Interface', 'Sync'])
    expect(await status('wrong')).toBe(401)
  })

  it('opens with the credentials that its action shows', async () => {
    const { result } = await action('show-credentials')
    expect(result.value).toMatchObject([
      { value: 'admin', masked: false, copyable: true },
      { masked: true, copyable: true },
    ])
    expect(await status(result.value[1]?.value ?? '')).toBe(200)
  })

  it('takes a new password by starting again', async () => {
    const before = await server.until('syncthing', ({ statusInfo }) => statusInfo.started)
    const old = (await action('show-credentials')).result.value[1]?.value ?? ''
    const { result } = await action('reset-password')
    const restarted = (entry: PackageDataEntry) =>
      healthy(entry) && entry.statusInfo.started !== null && entry.statusInfo.started !== before
    await server.until('syncthing', restarted)
    expect(await status(result.value[1]?.value ?? '')).toBe(200)
    expect(await status(old)).toBe(401)
  })

  it('never has the password in its log', async () => {
    const password = (await action('show-credentials')).result.value[1]?.value ?? ''
    expect(await server.log('syncthing')).toContain('My name is "My server"')
    expect(await server.log('syncthing')).not.toContain(password)
  })

  it('is stopped and uninstalled', async () => {
    await server.cli(['package', 'stop', 'syncthing'])
    await server.until('syncthing', stopped)
    await server.cli(['package', 'uninstall', 'syncthing'])
    expect(await server.cli(['package', 'list'])).toEqual([])
  })
})
