import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PatchDbClient, type ContinuedRevision } from '../client/index.ts'
import { decodeCbor } from '../client/cbor.ts'
import { History } from '../src/history.ts'
import { PatchDb, type Encoding, type Subscription } from '../src/index.ts'
import { model, type Model } from './model.ts'
import { temporaryFile } from './temporary.ts'

type Public = Model['public']

async function openModel(): Promise<PatchDb<Model>> {
  const db = await PatchDb.open<Model>(temporaryFile(), { initial: model() })
  onTestFinished(() => db.close())
  return db
}

/** What a frame carries; its header is 2, 4 or 10 bytes long. */
function payload(frame: Buffer): Buffer {
  const length = (frame[1] ?? 0) & 0x7f
  return frame.subarray(length === 126 ? 4 : length === 127 ? 10 : 2)
}

function read(frame: Buffer): ContinuedRevision {
  const bytes = payload(frame)
  const isText = ((frame[0] ?? 0) & 0xf) === 1
  return (isText ? JSON.parse(bytes.toString()) : decodeCbor(bytes)) as ContinuedRevision
}

function drain(subscription: Subscription, encoding: Encoding = 'json'): ContinuedRevision[] {
  const frames: ContinuedRevision[] = []
  for (let next = subscription.take(); next !== undefined; next = subscription.take())
    frames.push(read(next.frame(encoding)))
  return frames
}

describe('coming back to a stream', () => {
  it('brings what was missed, without a dump, and goes on', async () => {
    const db = await openModel()
    const add = (to: 'public' | 'private') =>
      db.mutate((draft) => {
        if (to === 'public') draft.public.count++
        else draft.private.secret += '!'
      })
    await add('public')
    const since = { epoch: db.epoch, id: db.sequence }
    for (const to of ['public', 'private', 'public', 'private'] as const) await add(to)
    using resumed = db.resume('/public', since) ?? expect.unreachable()
    await add('public')
    expect(drain(resumed)).toMatchObject([
      { from: 1, id: 2, patch: [{ path: '/count', value: 2 }] },
      { from: 2, id: 4, patch: [{ path: '/count', value: 3 }] },
      { from: 4, id: 5, patch: [] },
      { id: 6, patch: [{ path: '/count', value: 4 }] },
    ])
  })

  it('says at once that nothing was missed', async () => {
    const db = await openModel()
    await db.mutate((draft) => draft.public.count++)
    using resumed = db.resume('/public', { epoch: db.epoch, id: 1 }) ?? expect.unreachable()
    expect(drain(resumed)).toEqual([{ from: 1, id: 1, patch: [] }])
  })

  it('needs a dump after another opening, from the future, and when too much was missed', async () => {
    const path = temporaryFile()
    const first = await PatchDb.open<Model>(path, { initial: model() })
    await first.mutate((draft) => draft.public.count++)
    await first.close()
    await using db = await PatchDb.open<Model>(path)
    expect(db.resume('/public', { epoch: first.epoch, id: 1 })).toBeNull()
    expect(db.resume('/public', { epoch: db.epoch, id: 0 })).toBeNull()
    expect(db.resume('/public', { epoch: db.epoch, id: 2 })).toBeNull()
    expect(db.resume('/public', { epoch: db.epoch, id: 0.5 })).toBeNull()
    await db.mutate((draft) => {
      draft.public.name = 'x'.repeat(3_000_000)
    })
    expect(db.resume('/public', { epoch: db.epoch, id: 1 })).toBeNull()
    expect(db.resume('/public', { epoch: db.epoch, id: 2 })).not.toBeNull()
    for (let i = 0; i < 10; i++) await db.mutate((draft) => draft.public.count++)
    expect(db.resume('/public', { epoch: db.epoch, id: 2 }, { revisions: 5 })).toBeNull()
  })

  it('leaves every copy right, whenever it leaves and comes back, in every encoding', async () => {
    const db = await openModel()
    const step = fc.constantFrom('public', 'private', 'leave', 'come', 'service', 'drop', 'fence')
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.constantFrom<Encoding>('json', 'cbor'),
        async (steps, encoding) => {
          const client = new PatchDbClient<Public>()
          const misfits: unknown[] = []
          client.resync$.subscribe((cause) => misfits.push(cause))
          const begun = db.dumpAndSubscribe('/public')
          let { subscription } = begun
          client.begin({ dump: begun.dump as { id: number; value: Public }, epoch: db.epoch })
          const hear = () => drain(subscription, encoding).forEach((revision) => client.update(revision))
          const come = () => {
            if (!subscription.closed || client.position === null) return
            subscription = db.resume('/public', client.position) ?? expect.unreachable()
          }
          for (const what of steps) {
            if (what === 'leave') subscription.close()
            else if (what === 'come') come()
            else if (what === 'fence') db.publishFence(db.sequence)
            else await db.mutate((draft) => change(draft, what))
            if (steps.length % 2 === 0) hear()
          }
          hear()
          come()
          hear()
          subscription.close()
          expect(misfits).toEqual([])
          expect(client.value).toEqual(db.peek().public)
        },
      ),
      { numRuns: 60 },
    )
  })
})

function change(draft: Model, what: string): void {
  switch (what) {
    case 'public':
      draft.public.list.push({ id: ++draft.public.count })
      return
    case 'private':
      draft.private.secret = `hidden ${draft.public.count}`
      return
    case 'service':
      draft.public.services['b'] = { status: 'running', tags: ['ü', String(draft.public.count)] }
      return
    default:
      delete draft.public.services['b']
  }
}

describe('a revision on its way', () => {
  it('is encoded once for all sockets of an encoding', async () => {
    const db = await openModel()
    const group = [db.subscribe('/public'), db.subscribe('/public'), db.subscribe('/public')]
    await db.mutate((draft) => draft.public.count++)
    const late = db.resume('/public', { epoch: db.epoch, id: 0 }) ?? expect.unreachable()
    const taken = [...group, late].map((subscription) => subscription.take())
    for (const encoding of ['plain', 'json', 'cbor'] as const) {
      const frames = new Set(taken.map((revision) => revision?.frame(encoding)))
      expect(frames.size).toBe(1)
    }
    const plain = taken[0]?.frame('plain') ?? Buffer.alloc(0)
    expect(payload(plain).toString()).toBe('{"id":1,"patch":[{"op":"replace","path":"/count","value":1}]}')
  })

  it.each([10, 125, 126, 65_535, 65_536, 200_000])('is a whole frame, however long: %i', async (length) => {
    const db = await openModel()
    using subscription = db.subscribe('/public/name')
    await db.mutate((draft) => {
      draft.public.name = 'y'.repeat(length)
    })
    const frame = subscription.take()?.frame('plain') ?? Buffer.alloc(0)
    expect(read(frame)).toEqual({ id: 1, patch: [{ op: 'replace', path: '', value: 'y'.repeat(length) }] })
  })
})

describe('the history', () => {
  const revision = (id: number, value: unknown = 1) => ({
    id,
    patch: [{ op: 'replace', path: '/a', value }] as const,
  })

  it('keeps the latest revisions, by number and by weight', () => {
    const history = new History(10, { revisions: 3, weight: 1000 })
    expect(history.after(10)).toEqual([])
    for (let id = 11; id <= 20; id++) {
      history.add(revision(id))
      expect(history.after(id)).toEqual([])
      expect(history.after(id - 1)).toEqual([revision(id)])
    }
    expect(history.after(17)?.map(({ id }) => id)).toEqual([18, 19, 20])
    expect(history.after(16)).toBeNull()
    expect(history.after(21)).toBeNull()
    history.add(revision(21, { deep: ['x'.repeat(900)] }))
    expect(history.after(20)?.length).toBe(1)
    expect(history.after(18)).toBeNull()
    history.add(revision(22, 'x'.repeat(2000)))
    expect(history.after(21)).toBeNull()
    expect(history.after(22)).toEqual([])
  })
})
