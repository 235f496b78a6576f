import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Model } from '../document.ts'
import { Callbacks, setMessage, type Audience, type Contender } from './contender.ts'

/**
 * node:sqlite with one row a service, its value as JSON text, in WAL mode with a sync at each commit. The services are
 * held in memory as well, so that nothing has to be read back.
 */
export async function openSqlite(directory: string, document: Model, audience: Audience): Promise<Contender> {
  const db = new DatabaseSync(join(directory, 'rows.sqlite'))
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  db.exec('CREATE TABLE service (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID')
  const insert = db.prepare('INSERT INTO service VALUES (?, ?)')
  const update = db.prepare('UPDATE service SET value = ? WHERE id = ?')
  const services = new Map(Object.entries(document.public.packageData))
  db.exec('BEGIN')
  for (const [id, service] of services) insert.run(id, JSON.stringify(service))
  db.exec('COMMIT')
  const callbacks = new Callbacks(audience)
  return Promise.resolve({
    change(id, message) {
      const service = services.get(id)
      if (service === undefined) throw new Error(`no service ${id}`)
      setMessage(service, message)
      update.run(JSON.stringify(service), id)
      callbacks.call(id, service)
      return Promise.resolve()
    },
    called: () => callbacks.called,
    close() {
      db.close()
      return Promise.resolve()
    },
  })
}
