import { z } from 'zod'
import { Guid } from '../ids.ts'
import { method, type Methods } from './method.ts'
import { None, Nothing, orElse, Time } from './params.ts'

/** A measured value; `value` is decimal text. */
const Leaf = z.object({ value: z.string(), unit: z.enum(['°C', '%', 'MiB', 'GB']) })
export type Leaf = z.infer<typeof Leaf>

/** rpc-methods.md §5.1. */
export const Metrics = z.object({
  general: z.object({ temperature: Leaf.nullable() }),
  memory: z.object({
    percentageUsed: Leaf,
    total: Leaf,
    available: Leaf,
    used: Leaf,
    zramTotal: Leaf,
    zramAvailable: Leaf,
    zramUsed: Leaf,
  }),
  cpu: z.object({ percentageUsed: Leaf, idle: Leaf, userSpace: Leaf, kernelSpace: Leaf, wait: Leaf }),
  disk: z.object({ percentageUsed: Leaf, used: Leaf, available: Leaf, capacity: Leaf }),
})
export type Metrics = z.infer<typeof Metrics>

/**
 * What is kept over time: shares of processor, memory and disk in %, °C, programs that run or wait to run, and bytes a
 * second.
 */
export const METRIC_SERIES = [
  'cpu',
  'memory',
  'disk',
  'temperature',
  'load',
  'networkIn',
  'networkOut',
  'diskRead',
  'diskWritten',
] as const

const MetricsRange = z.enum(['hour', 'day', 'month'])
export type MetricsRange = z.infer<typeof MetricsRange>
const Column = z.object({ mean: z.array(z.number().nullable()), highest: z.array(z.number().nullable()) })
/** Point n of a series is of the `step` seconds from `start` + n · `step` on; null where nothing was measured. */
export const MetricsHistory = z.object({
  start: Time,
  step: z.number(),
  series: z.record(z.enum(METRIC_SERIES), Column),
})
export type MetricsHistory = z.infer<typeof MetricsHistory>

/** rpc-methods.md §3.2; the history and the export are ours. */
export const serverMetricsMethods = {
  'server.metrics': method('Show load, memory, disk and temperature', None, Metrics, {
    cli: { positional: [], examples: ['start-cli server metrics', 'start-cli server metrics --format yaml'] },
  }),
  'server.metrics.follow': method(
    'Watch load, memory, disk and temperature',
    None,
    z.object({ guid: Guid, metrics: Metrics }),
    { getSession: true },
  ),
  'server.metrics.history': method(
    'Show how load, memory, disk, temperature and network were, for charts',
    z.object({ range: orElse(MetricsRange, 'hour').describe('The last hour, day or month') }),
    MetricsHistory,
    {
      cli: {
        positional: ['range?'],
        examples: ['start-cli server metrics history', 'start-cli server metrics history day'],
      },
    },
  ),
  'server.metrics.export.enable': method(
    'Let a monitoring program such as Prometheus read the metrics; shows the token it needs, once',
    None,
    z.object({ path: z.string(), token: z.string() }),
    {
      cli: { positional: [], table: ['path', 'token'], examples: ['start-cli server metrics export enable'] },
    },
  ),
  'server.metrics.export.disable': method(
    'No longer let monitoring programs read the metrics',
    None,
    Nothing,
    {
      cli: { positional: [], examples: ['start-cli server metrics export disable'] },
    },
  ),
} as const satisfies Methods
