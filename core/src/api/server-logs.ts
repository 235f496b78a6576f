import type { Continuations } from '../rpc/continuations.ts'
import type { Handlers } from '../rpc/handlers.ts'
import type { Logs } from '../system/logs/index.ts'
import { streamLog } from './streams.ts'

type LogGroup = 'server' | 'init' | 'diagnostic' | 'setup'
type LogHandlers<G extends LogGroup> = Required<Pick<Handlers, `${G}.logs` | `${G}.logs.follow`>>
type KernelGroup = Exclude<LogGroup, 'setup'>
type KernelHandlers<G extends KernelGroup> = Required<
  Pick<Handlers, `${G}.kernel-logs` | `${G}.kernel-logs.follow`>
>

/** The server's log under the name that a boot context gives it. */
export function logHandlers<G extends LogGroup>(
  group: G,
  { server }: Logs,
  continuations: Continuations,
): LogHandlers<G> {
  const read: LogHandlers<'server'>['server.logs'] = (query) => server.read(query)
  const follow: LogHandlers<'server'>['server.logs.follow'] = (query, { session }) =>
    streamLog(continuations, session, (signal) => server.follow(query, signal))
  return { [`${group}.logs`]: read, [`${group}.logs.follow`]: follow } as LogHandlers<G>
}

/** The log of the kernel, likewise. */
export function kernelLogHandlers<G extends KernelGroup>(
  group: G,
  { kernel }: Logs,
  continuations: Continuations,
): KernelHandlers<G> {
  const read: KernelHandlers<'server'>['server.kernel-logs'] = (query) => kernel.read(query)
  const follow: KernelHandlers<'server'>['server.kernel-logs.follow'] = (query, { session }) =>
    streamLog(continuations, session, (signal) => kernel.follow(query, signal))
  return { [`${group}.kernel-logs`]: read, [`${group}.kernel-logs.follow`]: follow } as KernelHandlers<G>
}
