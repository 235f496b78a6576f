import { stat } from 'node:fs/promises'
import { CodedError } from '@startd/base/errors.ts'
import type { Database } from '@startd/base/model.ts'
import { type JsonValue, PatchDb, PatchDbError, type Revision } from '@startd/patch-db'
import { checkModel } from '../../db/model-check.ts'
import { runJq } from '../../jq/index.ts'
import { type Format, render } from '../output.ts'
import type { CustomCommand } from './command.ts'

/** `db dump`: the state of the server, or all that a database file holds. */
export const dbDump: CustomCommand = {
  ownParameters: true,
  prepare: (command) =>
    command
      .argument('[path]', 'Database file of a server that does not run, instead of asking a server')
      .option('-p, --include-private', 'With the secrets of the server')
      .option('--pointer <pointer>', 'Only what is there; /public unless given'),
  run: async ({ client, format, print }, _params, command) => {
    const path = command.args[0]
    const { includePrivate, pointer } = command.opts<{ includePrivate?: true; pointer?: string }>()
    if (includePrivate && pointer !== undefined)
      throw new CodedError('InvalidRequest', '--include-private prints everything; it does not fit --pointer')
    if (path === undefined) {
      const where = includePrivate ? '' : pointer
      print(
        render(
          await client.call('db.dump', where === undefined ? {} : { pointer: where }),
          dataFormat(format),
          null,
        ),
      )
      return
    }
    await using db = await openFile(path)
    print(
      render(
        coded(() => db.dump(pointer ?? '')),
        dataFormat(format),
        null,
      ),
    )
  },
}

/** `db apply`: rewrites the state of the server, or of a database file, with a jq program. */
export const dbApply: CustomCommand = {
  ownParameters: true,
  prepare: (command) =>
    command
      .argument('<expr>', 'jq program; its result becomes the state')
      .argument('[path]', 'Database file of a server that does not run, instead of the state of a server')
      .option('--allow-model-mismatch', 'Take a result that no server could start with; for a file only'),
  run: async ({ client }, _params, command) => {
    const [expr = '', path] = command.args
    const { allowModelMismatch } = command.opts<{ allowModelMismatch?: true }>()
    if (path === undefined) {
      if (allowModelMismatch)
        throw new CodedError('InvalidRequest', '--allow-model-mismatch works on a database file; name one')
      await client.call('db.apply', { expr })
      return
    }
    await using db = await openFile(path)
    const result = await runJq(expr, db.peek())
    if (!allowModelMismatch) checkModel(result)
    await db.put('', result).catch(refuse)
  },
}

/** `db subscribe`: prints each change as it happens, until it is interrupted. */
export const dbSubscribe: CustomCommand = {
  ownParameters: true,
  prepare: (command) => command.argument('[pointer]', 'JSON pointer, /public unless given'),
  run: async ({ client, format, print }, _params, command) => {
    const [pointer] = command.args
    const { guid } = await client.call('db.subscribe', pointer === undefined ? {} : { pointer })
    for await (const revision of client.follow<Revision>(guid)) print(oneOfMany(revision, format))
  },
}

/** A line each, or a document each. */
function oneOfMany(revision: Revision, format: Format | null): string {
  if (format === 'yaml') return `---\n${render(revision, format, null)}`
  return render(revision, format === 'json-pretty' ? format : 'json', null)
}

/** A state is no table. */
function dataFormat(format: Format | null): Format | null {
  return format === 'table' ? null : format
}

/** Opens a file that is there; nothing is made. Its lock keeps a running server and us apart. */
async function openFile(path: string): Promise<PatchDb<JsonValue | Database>> {
  const info = await stat(path).catch(() => null)
  if (!info?.isFile()) throw new CodedError('NotFound', `There is no file ${path}`)
  try {
    return await PatchDb.open(path, {
      onMigrate: ({ backup }) =>
        void process.stderr.write(`An older program wrote the file; as it was before, it is in ${backup}\n`),
      onRecover: ({ droppedBytes }) =>
        void process.stderr.write(
          `The file ended in an unfinished write; ${droppedBytes} bytes were put aside\n`,
        ),
    })
  } catch (error) {
    if (error instanceof PatchDbError && error.code === 'Locked') {
      throw new CodedError(
        'InvalidRequest',
        `A server runs with ${path}. Stop it first, or ask it: the same command without the path.`,
        { cause: error },
      )
    }
    return refuse(error)
  }
}

function coded<R>(read: () => R): R {
  try {
    return read()
  } catch (error) {
    return refuse(error)
  }
}

function refuse(error: unknown): never {
  if (error instanceof PatchDbError) throw new CodedError('Database', error.message, { cause: error })
  throw error
}
