import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Database } from '@startd/base/model.ts'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { databasePath } from '../../src/db/index.ts'
import { World } from '../api/world.ts'

const CLI = resolve(import.meta.dirname, '../../src/bin/start-cli.ts')

let world: World
let scratch: string
/** A database file that no server has open. */
let file: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'startd-db-cli-'))
  world = await World.running()
  file = join(scratch, 'copy.db')
  await copyFile(databasePath(world.data), file)
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await rm(scratch, { recursive: true })
})

function start(args: readonly string[]): ChildProcess {
  const env = { PATH: process.env['PATH'] ?? '', HOME: scratch, STARTD_DATA: world.data }
  return spawn(process.execPath, [CLI, 'db', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function db(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = start(args)
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()))
  const [status] = (await once(child, 'close')) as [number]
  return { status, stdout, stderr }
}

const dumped = async (...args: string[]) =>
  JSON.parse((await db('dump', '--format', 'json', ...args)).stdout) as { id: number; value: Database }

describe('db dump', () => {
  it('prints what the interface sees, and secrets only on request', async () => {
    const shown = await dumped()
    expect(Object.keys(shown.value).sort()).toEqual(['packageData', 'serverInfo', 'ui'])
    expect((await dumped('-p')).value.private.password).toMatch(/^\$argon2id\$/)
    expect((await dumped('--pointer', '/public/ui/snakeHighScore')).value).toEqual(expect.any(Number))
    expect((await dumped('--pointer', '/nothing')).value).toBeNull()
    expect(parse((await db('dump', '--format', 'yaml')).stdout)).toEqual(shown)
  })

  it('reads a file without a server, and makes none', async () => {
    const { value } = await dumped(file)
    expect(Object.keys(value).sort()).toEqual(['private', 'public'])
    expect(await dumped(file, '--pointer', '/public/serverInfo/name')).toMatchObject({
      value: 'Attic Server',
    })
    const missing = join(scratch, 'missing.db')
    expect(await db('dump', missing)).toMatchObject({ status: 6, stdout: '' })
    await expect(stat(missing)).rejects.toThrow('ENOENT')
  })

  it('says plainly why a file cannot be read', async () => {
    const inUse = await db('dump', databasePath(world.data))
    expect(inUse).toMatchObject({ status: 38, stdout: '' })
    expect(inUse.stderr).toContain('Stop it first')
    const other = join(scratch, 'other.db')
    await writeFile(other, 'no database at all')
    expect(await db('dump', other)).toMatchObject({ status: 29, stdout: '' })
    expect(await readFile(other, 'utf8')).toBe('no database at all')
    expect(await db('dump', '-p', '--pointer', '/public')).toMatchObject({ status: 38 })
    expect(await db('dump', '--pointer', 'x')).toMatchObject({ status: 166 })
  })
})

describe('db apply', () => {
  it('rewrites the state of the server', async () => {
    expect(await db('apply', '.public.ui.snakeHighScore = 4711')).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
    expect((await dumped()).value).toMatchObject({ ui: { snakeHighScore: 4711 } })
  })

  it.each([
    ['.public.[', 38, 'jq does not understand this'],
    ['empty', 38, 'no result'],
    ['., .', 38, 'several results'],
    ['.public.serverInfo.name.first', 12, 'Cannot index string'],
    ['del(.public.ui)', 12, 'public.ui'],
    ['.public.serverInfo.ram = "much"', 12, 'serverInfo.ram'],
    ['.private', 12, 'does not fit'],
    ['--version', 38, 'does not understand'],
  ])('refuses %s with code %i, on the server and on a file', async (expr, code, text) => {
    const before = (await world.ok('db.dump', { pointer: '' })) as { value: unknown }
    const { error } = (await world.call('db.apply', { expr })).body
    expect(error).toMatchObject({ code, data: { details: expect.stringContaining(text) as string } })
    expect(await world.ok('db.dump', { pointer: '' })).toMatchObject({ value: before.value })
    const bytes = await readFile(file)
    const offline = await db('apply', '--', expr, file)
    expect([offline.status, offline.stdout]).toEqual([code, ''])
    expect(offline.stderr).toContain(text)
    expect((await readFile(file)).length).toBe(bytes.length)
  })

  it('rewrites a file, on demand into what no server starts with', async () => {
    const own = join(scratch, 'own.db')
    await copyFile(file, own)
    expect(await db('apply', '.public.serverInfo.name = "Cellar"', own)).toMatchObject({ status: 0 })
    expect((await dumped(own)).value.public.serverInfo.name).toBe('Cellar')
    expect(await db('apply', '{public: 1}', own)).toMatchObject({ status: 12 })
    expect(await db('apply', '--allow-model-mismatch', '{public: 1}', own)).toMatchObject({ status: 0 })
    expect((await dumped(own)).value).toEqual({ public: 1 })
    expect(await db('apply', '--allow-model-mismatch', '.')).toMatchObject({ status: 38 })
  })
})

describe('db subscribe', () => {
  async function follow(args: readonly string[]): Promise<AsyncIterator<string>> {
    const child = start(['subscribe', ...args])
    onTestFinished(() => void child.kill())
    const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]()
    // The program tells nobody when it listens: scores go on until the first one has arrived.
    const first = lines.next()
    let heard = false
    void first.then(() => (heard = true))
    for (let score = 1; !heard; score++) {
      await world.ok('db.put.ui', { pointer: '/snakeHighScore', value: score })
    }
    return lines
  }

  it('prints each change as a line of JSON', async () => {
    const lines = await follow(['/public/ui'])
    await world.ok('db.put.ui', { pointer: '/snakeHighScore', value: 'last' })
    for (;;) {
      const { value } = (await lines.next()) as { value: string }
      const { patch } = JSON.parse(value) as { patch: { op: string; path: string; value: unknown }[] }
      expect(patch).toMatchObject([{ op: 'replace', path: '/snakeHighScore' }])
      if (patch[0]?.value === 'last') break
    }
  })

  it('prints documents of YAML on request', async () => {
    const lines = await follow(['/public/ui/snakeHighScore', '--format', 'yaml'])
    const text: string[] = []
    for (let line = await lines.next(); !line.done && line.value !== '---'; line = await lines.next())
      text.push(line.value)
    expect(parseAllDocuments(text.join('\n'))[0]?.toJS()).toMatchObject({
      patch: [{ op: 'replace', path: '' }],
    })
  })
})
