import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '@startd/base/model.ts'
import { PatchDb } from '@startd/patch-db'
import { firstDocument, type ServerDb } from '../../src/db/index.ts'
import { HttpServer } from '../../src/rpc/http-server.ts'

export interface StreamServer extends AsyncDisposable {
  db: ServerDb
  http: HttpServer
  port: number
}

/** The real server of streams, with a database whose private half can be written to. */
export async function openStreamServer(): Promise<StreamServer> {
  const directory = await mkdtemp(join(tmpdir(), 'startd-stream-'))
  const account = { name: 'Test', hostname: 'test', passwordHash: '', kiosk: null, language: null }
  const db = await PatchDb.open<Database>(join(directory, 'test.db'), { initial: firstDocument(account) })
  const http = new HttpServer({ web: null })
  const { port } = await http.listen('127.0.0.1', 0)
  return {
    db,
    http,
    port,
    async [Symbol.asyncDispose]() {
      await http.close()
      await db.close()
      await rm(directory, { recursive: true })
    },
  }
}
