import type { Database, StatusInfo } from '@startd/base/model.ts'
import type { Client } from '../client.ts'
import { render } from '../output.ts'
import { layout } from '../show/blocks.ts'
import { terminalOf } from '../show/style.ts'
import { packagesView } from '../show/views-server.ts'
import type { CustomCommand } from './command.ts'

/** `package list`: the result as it is when asked for as data; a table tells what installed services are doing. */
export const packageList: CustomCommand = {
  run: async ({ client, format, print }) => {
    const list = await client.call('package.list', {})
    if (format !== null && format !== 'table') return print(render(list, format, null))
    const entries = list.length > 0 ? await dump(client) : {}
    const rows = list.map((row) => {
      const status = entries[row.id]?.statusInfo
      return row.status === 'installed' && status ? { ...row, status: doing(status) } : row
    })
    print(layout(packagesView(rows), terminalOf(process.stdout)))
  },
}

async function dump(client: Client): Promise<Database['public']['packageData']> {
  const { value } = await client.call('db.dump', { pointer: '/public/packageData' })
  return value as Database['public']['packageData']
}

/** In one word, as the pages say it. */
function doing({ error, desired, started }: StatusInfo): string {
  if (error) return 'error'
  switch (desired.main) {
    case 'running':
      return started === null ? 'starting' : 'running'
    case 'stopped':
      return started === null ? 'stopped' : 'stopping'
    case 'restarting':
    case 'backing-up':
      return desired.main
    default:
      return desired satisfies never
  }
}
