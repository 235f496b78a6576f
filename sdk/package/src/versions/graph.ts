import { ExtendedVersion, VersionRange } from '@startd/base/exver/index.ts'
import type { Effects } from '../effects.ts'
import type { InitKind, InitScript, UninitScript } from '../lifecycle/scripts.ts'
import { FullProgressTracker } from '../progress.ts'
import { type DataVersion, getDataVersion, isRange, overlaps, setDataVersion } from './data-version.ts'
import { IMPOSSIBLE, type Migration, type MigrationFn, type VersionInfo } from './info.ts'

interface Edge {
  to: Vertex
  migrate: MigrationFn
}

interface Vertex {
  version: DataVersion
  edges: Edge[]
}

/**
 * All versions of a package and the migrations between them (sdk.md §14). Used as a script of `setupInit`
 * and `setupUninit` it brings the data to the version that is being installed, or prepares it for another.
 */
export class VersionGraph implements InitScript, UninitScript {
  readonly current: VersionInfo
  readonly vertices: readonly Vertex[]

  constructor(current: VersionInfo, other: readonly VersionInfo[]) {
    this.current = current
    this.vertices = connect([current, ...other])
  }

  static of(options: { current: VersionInfo; other: readonly VersionInfo[] }): VersionGraph {
    return new VersionGraph(options.current, options.other)
  }

  currentVersion(): ExtendedVersion {
    return ExtendedVersion.parse(this.current.options.version)
  }

  /** Versions whose data this package can take over. */
  canMigrateFrom(): VersionRange {
    const reaching = this.vertices.filter((vertex) => reachable(vertex).some((end) => this.isCurrent(end)))
    return union(reaching)
  }

  /** Versions to which this package can hand its data. */
  canMigrateTo(): VersionRange {
    return union(this.vertices.filter((vertex) => this.isCurrent(vertex)).flatMap(reachable))
  }

  async init(effects: Effects, _kind: InitKind, progress?: FullProgressTracker): Promise<void> {
    const from = await getDataVersion(effects)
    if (from === null) await setDataVersion(effects, this.currentVersion())
    else await this.migrate({ effects, from, to: this.currentVersion(), ...(progress && { progress }) })
  }

  async uninit(effects: Effects, target: DataVersion | null): Promise<void> {
    if (target === null) return setDataVersion(effects, null)
    // The host may bring its own copy of the version library.
    const to = isRange(target) ? VersionRange.parse(String(target)) : ExtendedVersion.parse(String(target))
    if (isRange(to) && !to.satisfiable()) throw new Error('no version can take over the data of this package')
    const from = await getDataVersion(effects)
    if (from === null) return
    await setDataVersion(effects, await this.migrate({ effects, from, to }))
  }

  /** Brings data from one version to another by the fewest steps, recording each; answers what was reached. */
  async migrate(options: {
    effects: Effects
    from: DataVersion
    to: DataVersion
    progress?: FullProgressTracker
  }): Promise<DataVersion> {
    const { effects, from, to, progress = new FullProgressTracker() } = options
    if (overlaps(from, to)) return from
    const path = this.shortestPath(from, to)
    if (!path) throw new Error(`cannot migrate from ${from.toString()} to ${to.toString()}`)
    let reached = from
    for (const edge of path) {
      await edge.migrate({ effects, progress })
      await setDataVersion(effects, edge.to.version)
      reached = edge.to.version
    }
    return reached
  }

  shortestPath(from: DataVersion, to: DataVersion): Edge[] | null {
    const queue = this.vertices
      .filter((vertex) => overlaps(vertex.version, from))
      .map((vertex) => ({ vertex, path: [] as Edge[] }))
    const seen = new Set(queue.map(({ vertex }) => vertex))
    for (const { vertex, path } of queue) {
      if (overlaps(vertex.version, to)) return path
      for (const edge of vertex.edges) {
        if (seen.has(edge.to)) continue
        seen.add(edge.to)
        queue.push({ vertex: edge.to, path: [...path, edge] })
      }
    }
    return null
  }

  isCurrent({ version }: Vertex): boolean {
    return !isRange(version) && version.equals(this.currentVersion())
  }
}

/** Builds the vertices (each version, and the gaps below it) and the edges between them. */
function connect(infos: VersionInfo[]): Vertex[] {
  const known = infos.map((info) => ({ info, vertex: vertexOf(ExtendedVersion.parse(info.options.version)) }))
  known.sort((a, b) => exact(a.vertex).compareForSort(exact(b.vertex)))
  const vertices = known.map(({ vertex }) => vertex)
  known.forEach(({ info, vertex }, i) => {
    const { up, down, other } = info.options.migrations
    const version = exact(vertex)
    const before = known[i - 1]?.vertex
    const previous = before && exact(before).flavor === version.flavor ? before : undefined
    const below = VersionRange.anchor('<', version)
    const gap = vertexOf(previous ? VersionRange.anchor('>=', exact(previous)).and(below) : below)
    vertices.push(gap)
    for (const neighbour of previous ? [previous, gap] : [gap]) {
      join(neighbour, vertex, up)
      join(vertex, neighbour, down)
    }
    for (const [range, { up, down }] of Object.entries(other ?? {})) {
      const others = vertexOf(VersionRange.parse(range))
      vertices.push(others)
      for (const neighbour of [others, ...known.map(({ vertex }) => vertex)]) {
        if (neighbour === vertex || !overlaps(neighbour.version, others.version)) continue
        join(neighbour, vertex, up)
        join(vertex, neighbour, down)
      }
    }
  })
  return vertices
}

function join(from: Vertex, to: Vertex, migration: Migration | undefined): void {
  if (migration !== IMPOSSIBLE) from.edges.push({ to, migrate: migration ?? (async () => {}) })
}

function vertexOf(version: DataVersion): Vertex {
  return { version, edges: [] }
}

function exact({ version }: Vertex): ExtendedVersion {
  if (isRange(version)) throw new Error('a range is not a version')
  return version
}

function reachable(start: Vertex): Vertex[] {
  const seen = new Set([start])
  for (const vertex of seen) for (const { to } of vertex.edges) seen.add(to)
  return [...seen]
}

function union(vertices: readonly Vertex[]): VersionRange {
  return vertices
    .map(({ version }) => (isRange(version) ? version : VersionRange.anchor('=', version)))
    .reduce((all, range) => all.or(range), VersionRange.none())
    .normalize()
}
