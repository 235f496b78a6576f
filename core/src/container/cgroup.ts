import { readdir, readFile, rmdir, stat } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { ContainerStats } from './contract.ts'
import type { Instance } from './instance.ts'

const ROOT = '/sys/fs/cgroup'

/** Whether memory is counted by cgroup v2; else by the v1 hierarchies (cgroups(7)). */
export async function usesCgroupV2(): Promise<boolean> {
  const controllers = await readFile(join(ROOT, 'cgroup.controllers'), 'utf8').catch(() => '')
  return controllers.split(/\s+/).includes('memory')
}

/**
 * Directory of the instance's groups for each controller; `''` is cgroup v2. LXC, run by root, puts them beside
 * PID 1, which is at the top except where this machine is itself somebody's container.
 */
async function groupsOf(instance: Instance): Promise<Map<string, string>> {
  const groups = new Map<string, string>()
  for (const line of (await readFile('/proc/1/cgroup', 'utf8')).split('\n').filter(Boolean)) {
    const [, controllers = '', path = '/'] = line.split(':')
    const hierarchy = controllers === '' ? await unifiedRoot() : join(ROOT, controllers.replace(/^name=/, ''))
    const group = join(hierarchy, path.replace(/\/init\.scope$/, ''), instance.cgroup)
    for (const controller of controllers.split(',')) groups.set(controller, group)
  }
  return groups
}

async function unifiedRoot(): Promise<string> {
  const alone = await stat(join(ROOT, 'cgroup.controllers')).then(
    () => true,
    () => false,
  )
  return alone ? ROOT : join(ROOT, 'unified')
}

/** What the kernel counts for one container. */
export async function readStats(instance: Instance, guid: string): Promise<ContainerStats> {
  const groups = await groupsOf(instance)
  const at = (controller: string): string => join(groups.get(controller) ?? ROOT, 'payload', guid)
  return (await usesCgroupV2()) ? readV2(at('')) : readV1(at)
}

async function readV2(group: string): Promise<ContainerStats> {
  const [current, max, memory, events, cpu, processes, io] = await Promise.all([
    number(join(group, 'memory.current')),
    number(join(group, 'memory.max')),
    table(join(group, 'memory.stat')),
    table(join(group, 'memory.events')),
    table(join(group, 'cpu.stat')),
    number(join(group, 'pids.current')),
    traffic(join(group, 'io.stat'), /\b(r|w)bytes=(\d+)/g),
  ])
  return {
    memoryBytes: Math.max(0, current - (memory.get('inactive_file') ?? 0)),
    memoryLimitBytes: limit(max),
    cpuMicroseconds: cpu.get('usage_usec') ?? 0,
    processes,
    oomKills: events.get('oom_kill') ?? 0,
    ...io,
  }
}

async function readV1(group: (controller: string) => string): Promise<ContainerStats> {
  const [used, max, memory, oom, cpu, processes, io] = await Promise.all([
    number(join(group('memory'), 'memory.usage_in_bytes')),
    number(join(group('memory'), 'memory.limit_in_bytes')),
    table(join(group('memory'), 'memory.stat')),
    table(join(group('memory'), 'ns/memory.oom_control')),
    number(join(group('cpuacct'), 'cpuacct.usage')),
    number(join(group('pids'), 'pids.current')),
    traffic(join(group('blkio'), 'blkio.throttle.io_service_bytes_recursive'), / (R|W)(?:ead|rite) (\d+)/g),
  ])
  return {
    memoryBytes: Math.max(0, used - (memory.get('total_inactive_file') ?? 0)),
    memoryLimitBytes: limit(max),
    cpuMicroseconds: Math.round(cpu / 1000),
    processes,
    oomKills: oom.get('oom_kill') ?? 0,
    ...io,
  }
}

/** Removes the instance's empty groups in every hierarchy; LXC leaves the parents behind. */
export async function removeCgroups(instance: Instance): Promise<void> {
  for (const group of new Set((await groupsOf(instance)).values())) await removeTree(group)
}

async function removeTree(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(group, entry.name))
  await rmdir(group).catch(() => undefined) // busy or already gone: the next `down` tries again
}

const number = async (file: string): Promise<number> => {
  const text = (await readFile(file, 'utf8').catch(() => '0')).trim()
  return text === 'max' ? Infinity : Number(text)
}

async function table(file: string): Promise<Map<string, number>> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
  return new Map(
    lines.map((line) => line.split(' ')).map(([name = '', value = '0']) => [name, Number(value)]),
  )
}

/** Sums over all disks; `pattern` finds each direction (its first letter) with its bytes. */
async function traffic(
  file: string,
  pattern: RegExp,
): Promise<Pick<ContainerStats, 'readBytes' | 'writtenBytes'>> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const sums = { r: 0, w: 0 }
  for (const [, direction = '', bytes] of text.matchAll(pattern)) {
    sums[direction.toLowerCase() === 'r' ? 'r' : 'w'] += Number(bytes)
  }
  return { readBytes: sums.r, writtenBytes: sums.w }
}

/** "No limit" is a huge number in v1; then the machine's memory is the limit. */
const limit = (bytes: number): number => Math.min(bytes > 0 ? bytes : Infinity, totalmem())
