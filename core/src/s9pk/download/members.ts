import { type Archive, TransferError, type UrlSource, hostOf, mismatch } from '@startd/base/s9pk/index.ts'
import { fileAt } from '@startd/base/s9pk/archive.ts'
import { giveBack } from '../receive/give-back.ts'
import type { Mirror } from './mirror.ts'
import type { PartialFile, PieceState } from './partial-file.ts'

/** Members closer together than this are fetched in one request. */
const SMALL_GAP = 32 * 1024
/** A server that gives this much before it fails is worth another try. */
const WORTHWHILE = 256 * 1024

export interface Fetching {
  mirror: Mirror
  source: UrlSource
  /** The package on this mirror. */
  archive: Archive
  file: PartialFile
  /** Called after every chunk. */
  onBytes: () => void
}

/** Members that lie in a row on a mirror, and the stretch of its file that holds them. */
interface Run {
  start: number
  end: number
  states: { at: number; state: PieceState }[]
}

/**
 * Fetches what `file` still lacks from one mirror; each member is verified when its last byte has come, and a member
 * that was begun before, here or elsewhere, is gone on with. Throws at the first failure and keeps what is there.
 */
export async function fetchMembers(fetching: Fetching): Promise<void> {
  const { mirror, archive, file } = fetching
  for (const state of file.pending.values()) {
    const mixed = [...state.origins].some((origin) => origin !== mirror)
    if (state.resets > 0 && mixed) await file.reset(state)
  }
  for (const run of runsOf(archive, file)) await fetchRun(fetching, run)
}

function runsOf(archive: Archive, file: PartialFile): Run[] {
  const runs: Run[] = []
  const wanted = [...file.pending.values()].map((state) => {
    const { position, size } = fileAt(archive.root, state.piece.path)
    return { at: position + state.taken, end: position + size, state }
  })
  for (const { at, end, state } of wanted.sort((a, b) => a.at - b.at)) {
    const last = runs.at(-1)
    if (last && at - last.end <= SMALL_GAP) {
      last.end = end
      last.states.push({ at, state })
    } else runs.push({ start: at, end, states: [{ at, state }] })
  }
  return runs
}

async function fetchRun({ mirror, source, file, onBytes }: Fetching, run: Run): Promise<void> {
  const answer = await source.range(run.start, run.end)
  if (answer.kind === 'beyond')
    throw new TransferError('changed', `the file on ${hostOf(mirror.url)} was changed during the download`)
  let position = run.start
  let worth = 0
  const states = run.states.values()
  let current = states.next().value
  try {
    for await (const chunk of answer.body) {
      for (let rest = chunk; rest.length > 0 && current;) {
        const gap = Math.min(Math.max(current.at - position, 0), rest.length)
        const { state } = current
        const part = rest.subarray(gap, gap + state.piece.size - state.taken)
        position += gap + part.length
        rest = rest.subarray(gap + part.length)
        if (part.length === 0) continue
        const result = await file.write(state, part, mirror)
        worth += part.length
        if (result === 'wrong') await refuse(mirror, state, file)
        if (result !== 'more') current = states.next().value
        if (result === 'done' || worth >= WORTHWHILE) mirror.progressed()
        onBytes()
      }
      giveBack(chunk)
    }
  } finally {
    await file.flush()
  }
}

/** A member is wrong: of whoever gave all of it, nothing more is taken. */
async function refuse(mirror: Mirror, state: PieceState, file: PartialFile): Promise<void> {
  const whole = state.origins.size === 1 && state.origins.has(mirror)
  await file.reset(state)
  if (whole) throw mismatch(state.piece.path)
  throw new TransferError(
    'wrong-range',
    `the parts of ${state.piece.path} do not fit together; it is fetched again`,
  )
}
