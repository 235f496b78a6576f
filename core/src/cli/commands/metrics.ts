import type { Result } from '@startd/base/rpc/contract.ts'
import { renderResult } from '../output.ts'
import { layout } from '../show/blocks.ts'
import { LiveView } from '../show/live.ts'
import { metricsBars, metricsLine } from '../show/metrics.ts'
import { terminalOf } from '../show/style.ts'
import type { CustomCommand } from './command.ts'

type Metrics = Result<'server.metrics'>

/** `server metrics`: the last sample; with `--watch` each new one, as bars on a terminal, else a line each. */
export const metrics: CustomCommand = {
  prepare: (command) => command.option('-w, --watch', 'Go on with what comes, until interrupted'),
  run: async ({ client, format, print }, params, command) => {
    if (command.opts()['watch'] !== true) {
      print(renderResult('server.metrics', await client.callAny('server.metrics', params), format, null))
      return
    }
    const { guid, metrics: first } = (await client.callAny(
      'server.metrics.follow',
      params,
    )) as Result<'server.metrics.follow'>
    const asData = format !== null && format !== 'table'
    const live = process.stdout.isTTY && !asData ? new LiveView(process.stdout) : null
    const show = (sample: Metrics) => {
      if (live) live.show(layout(metricsBars(sample), terminalOf(process.stdout)))
      else if (asData) print(oneOfMany(sample, format))
      else print(metricsLine(sample))
    }
    show(first)
    for await (const sample of client.follow<Metrics>(guid)) show(sample)
  },
}

/** A line each, or a document each. */
function oneOfMany(sample: Metrics, format: 'json' | 'json-pretty' | 'yaml'): string {
  if (format === 'yaml') return `---\n${renderResult('server.metrics', sample, format, null)}`
  return JSON.stringify(sample)
}
