import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { busyboxRoot, likeAContainer } from '../../../container-runtime/test/support/namespace.ts'
import { REAL_SDK_PACKAGE, realSdkBundle } from '../../../container-runtime/test/support/real-sdk-package.ts'
import { RuntimeWorld } from '../../../container-runtime/test/support/runtime.ts'
import { bundlePackage } from '../build.ts'

const CACHE = join(import.meta.dirname, '../../../.cache')
const TSCONFIG = {
  extends: '../../build/tsconfig.base.json',
  compilerOptions: { module: 'preserve', moduleResolution: 'bundler', verbatimModuleSyntax: false },
  include: ['startos'],
}
const GUID = 'A'.repeat(32)

/** The package that was written against the published SDK, with nothing changed but the import. */
async function port(directory: string): Promise<void> {
  await cp(join(REAL_SDK_PACKAGE, 'startos'), join(directory, 'startos'), { recursive: true })
  const entries = await readdir(join(directory, 'startos'), { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replaceAll("'@start9labs/start-sdk'", "'@startd/sdk'"))
  }
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(TSCONFIG))
}

interface Trace {
  calls: unknown[]
  answers: unknown[]
}

/** All that a bundle asks of the host in a whole life, and what it answers. */
async function life(packageDir: string): Promise<Trace> {
  await using world = await RuntimeWorld.start(null, { packageDir, wrapper: likeAContainer })
  let version: unknown = null
  Object.assign(world.host.answers, {
    'get-data-version': () => version,
    'set-data-version': (params: Record<string, unknown>) => ((version = params['version']), null),
    'subcontainer.create-fs': async () => {
      await busyboxRoot(join(world.dir, 'subcontainer'))
      return [join(world.dir, 'subcontainer'), GUID]
    },
  })
  const input = { name: 'Ada', times: 2, loud: true, language: 'de' }
  const answers = [
    await world.call('init', { id: 'one', kind: 'install' }),
    await world.execute('/actions/set-greeting/getInput', { prefill: null }, 'form'),
    await world.execute('/actions/set-greeting/run', { input }, 'form'),
    await world.execute('/actions/set-greeting/getInput', { prefill: null }, 'form-2'),
    await world.call('start'),
  ]
  await world.host.seen('set-health', ({ result }) => result === 'success')
  answers.push(await world.call('stop'))
  answers.push(await world.call('exit', { id: 'two', target: '<=1.0.0:1' }))
  await world.exited()
  const calls = world.host.calls.map(({ method, params }) => [method, comparable(params)])
  return {
    calls: withoutRepeats(calls),
    answers: answers.map(({ result, error }) => withoutToken([result, error?.message])),
  }
}

/** The package draws a random one at install. */
function withoutToken(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer).replace(/"token":"[A-Za-z0-9]{22}"/, '"token":"…"'))
}

/** The stack of a caller is for the log. */
function comparable({ stack: _, ...params }: Record<string, unknown>): unknown {
  return params
}

/**
 * The published SDK tells a health result again with every check, and its progress from two places; both are
 * the last word that counts.
 */
function withoutRepeats(calls: unknown[][]): unknown[] {
  const seen = calls.filter(([method]) => method !== 'set-init-progress').map((call) => JSON.stringify(call))
  return seen.filter((call, i) => call !== seen.slice(0, i).findLast((other) => sameCheck(call, other)))
}

function sameCheck(a: string, b: string): boolean {
  return a.startsWith('["set-health"') && b.startsWith('["set-health"')
}

describe('a package that changes only its import', () => {
  let directory: string

  beforeAll(async () => {
    await mkdir(CACHE, { recursive: true })
    directory = await mkdtemp(join(CACHE, 'ported-'))
    await port(directory)
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  it('passes the type check', async () => {
    const { stdout, exitCode } = await execa('tsc', ['-p', directory], { preferLocal: true, reject: false })
    expect(stdout).toBe('')
    expect(exitCode).toBe(0)
  })

  it('asks the same of the host, in the same order, with the same words', async () => {
    const published = await life(await realSdkBundle())
    await bundlePackage(directory)
    const ours = await life(join(directory, 'javascript'))
    expect(ours.answers).toEqual(published.answers)
    expect(ours.calls).toEqual(published.calls)
  })

  it('is smaller', async () => {
    const published = await readFile(join(await realSdkBundle(), 'index.js'))
    const { size } = await bundlePackage(directory)
    expect(size / published.length).toBeLessThan(0.6)
  })
})
