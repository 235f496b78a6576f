import type { Database, StatusInfo } from '@startd/base/model.ts'
import { render } from '../output.ts'
import type { CustomCommand } from './command.ts'

/** `package list`: the result as it is when asked for as data; a table tells what installed services are doing. */
export const packageList: CustomCommand = {
  run: async ({ client, format, print }) => {
    const list = await client.call('package.list', {})
    const columns = ['id', 'version', 'status']
    if ((format !== null && format !== 'table') || list.length === 0) {
      print(render(list, format, columns))
      return
    }
    const { value } = await client.call('db.dump', { pointer: '/public/packageData' })
    const entries = value as Database['public']['packageData']
    const rows = list.map((row) => {
      const status = entries[row.id]?.statusInfo
      return row.status === 'installed' && status ? { ...row, status: doing(status) } : row
    })
    print(render(rows, format, columns))
  },
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
