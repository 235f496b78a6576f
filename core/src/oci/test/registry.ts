import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { unpackedProgram } from '../../../../build/steps/unpacked-package.ts'
import type { Content } from './images.ts'

export interface TestRegistry extends AsyncDisposable {
  /** Host and port. */
  host: string
  /** Puts all that belongs to something into a repository, under a tag. `authorization` where it is asked for. */
  push(repository: string, tag: string, content: Content, authorization?: string): Promise<void>
}

/** Runs Debian's docker-registry on loopback. `config` is added to its settings. */
export async function startRegistry(config: object = {}): Promise<TestRegistry> {
  await using undo = new AsyncDisposableStack()
  const directory = undo.adopt(await mkdtemp(join(tmpdir(), 'registry-')), (path) =>
    rm(path, { recursive: true, force: true }),
  )
  const settings = {
    version: 0.1,
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: { addr: '127.0.0.1:0' },
    ...config,
  }
  const file = join(directory, 'config.json')
  await writeFile(file, JSON.stringify(settings))
  const child = spawn(await unpackedProgram('docker-registry'), ['serve', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  undo.defer(async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  let host = ''
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line)
    host = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1] ?? ''
    if (host !== '') break
  }
  if (host === '') throw new Error(`docker-registry did not start: ${said.join('\n')}`)
  child.stderr.resume()
  const life = undo.move()
  return {
    host,
    push: (repository, tag, content, authorization) => push(host, repository, tag, content, authorization),
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  }
}

async function push(host: string, name: string, tag: string, { root, blobs }: Content, authorization = '') {
  const base = `http://${host}/v2/${name}`
  const headers = authorization === '' ? {} : { authorization }
  const isDocument = (bytes: Buffer) => /^\{"schemaVersion"/.test(bytes.subarray(0, 20).toString())
  for (const [digest, bytes] of blobs) {
    if (isDocument(bytes)) continue
    const started = await fetch(`${base}/blobs/uploads/`, { method: 'POST', headers })
    const place = new URL(started.headers.get('location') ?? '', base)
    place.searchParams.set('digest', digest)
    await expectOk(await fetch(place, { method: 'PUT', headers, body: new Uint8Array(bytes) }))
  }
  // A registry takes an index only after what it lists.
  const documents = [...blobs].filter(([, bytes]) => isDocument(bytes))
  for (const [digest, bytes] of documents) {
    const { mediaType } = JSON.parse(bytes.toString()) as { mediaType: string }
    const names = digest === root.digest ? [digest, tag] : [digest]
    for (const reference of names) {
      const sent = {
        method: 'PUT',
        headers: { ...headers, 'content-type': mediaType },
        body: new Uint8Array(bytes),
      }
      await expectOk(await fetch(`${base}/manifests/${reference}`, sent))
    }
  }
}

async function expectOk(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`the registry answers ${response.status}: ${await response.text()}`)
}
