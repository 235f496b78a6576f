import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { machine } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PackageDataEntry } from '@startd/base/model.ts'
import { packProject } from '../../core/src/s9pk/index.ts'
import { bundlePackage } from '../package/build.ts'
import { writeGuideProject } from './test/guide.ts'
import { TestServer } from './test/server.ts'

const CACHE = join(import.meta.dirname, '../../.cache')
const TSCONFIG = { extends: '../../build/tsconfig.base.json', include: ['startos'] }

describe('the package of the guide', () => {
  let project: string
  let server: TestServer

  beforeAll(async () => {
    await mkdir(CACHE, { recursive: true })
    project = await mkdtemp(join(CACHE, 'guide-'))
    server = await TestServer.create()
  }, 300_000)
  afterAll(async () => {
    await rm(project, { recursive: true, force: true })
    await server?.[Symbol.asyncDispose]()
  }, 60_000)

  it('is complete, and passes the type check', async () => {
    const names = await writeGuideProject(project)
    expect(names).toContain('startos/index.ts')
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG))
    const { stdout } = await execa('tsc', ['-p', project], { preferLocal: true, reject: false })
    expect(stdout).toBe('')
  })

  it('is installed, runs, and puts a note on the shelf', async () => {
    await bundlePackage(project)
    const { path } = await packProject(project, { seed: new Uint8Array(32).fill(9), arch: [machine()] })
    await server.cli(['package', 'install', path])
    await server.cli(['package', 'start', 'shelf'])
    await server.until('shelf', ({ statusInfo }) => statusInfo.health['web']?.result === 'success')
    const address = await server.address('shelf', 'main', 8080)
    expect(await (await fetch(address)).text()).toContain('Welcome.txt')

    const input = JSON.stringify({ name: 'Shopping', text: 'Milk' })
    await server.cli(['package', 'action', 'run', 'shelf', 'add-note', '--input', input])
    expect(await (await fetch(`${address}/Shopping.txt`)).text()).toBe('Milk')
  })

  it('keeps the note when it is installed again', async () => {
    const before = await server.until('shelf', ({ statusInfo }) => statusInfo.started)
    await server.cli(['package', 'install', join(project, 'shelf.s9pk')])
    const again = ({ stateInfo, statusInfo: { started, health } }: PackageDataEntry) =>
      stateInfo.state === 'installed' && started !== before && health['web']?.result === 'success'
    await server.until('shelf', again)
    const address = await server.address('shelf', 'main', 8080)
    expect(await (await fetch(`${address}/Shopping.txt`)).text()).toBe('Milk')
  })
})
