import { randomBytes } from 'node:crypto'
import { constants, createDeflateRaw, deflateRawSync } from 'node:zlib'
import { Decoder } from 'cbor-x'
import { decodeCbor } from '../client/cbor.ts'
import { encodeCbor } from '../src/encoding.ts'
import type { Revision } from '../src/patch.ts'
import { makeDocument } from './document.ts'
import type { Figure } from './index.ts'

/** The revisions that a browser gets most: a status, a list of addresses, a whole service with its icon. */
function revisions(): [string, Revision & { from: number }][] {
  const made = makeDocument(1, 0).public.packageData['service-0']
  const service = made && { ...made, icon: `data:image/png;base64,${randomBytes(30_000).toString('base64')}` }
  const base = '/packageData/service-0'
  return [
    [
      'a status',
      {
        from: 41,
        id: 42,
        patch: [
          { op: 'replace', path: `${base}/statusInfo/health/web/result`, value: 'failure' },
          { op: 'replace', path: `${base}/statusInfo/health/web/message`, value: 'The page does not answer' },
        ],
      },
    ],
    [
      'the addresses of a host',
      { from: 41, id: 42, patch: [{ op: 'replace', path: `${base}/hosts/host-0`, value: service?.hosts }] },
    ],
    ['a new service', { from: 41, id: 42, patch: [{ op: 'add', path: base, value: service }] }],
  ]
}

/** CBOR beside JSON text in the browser's own engine, and what compression would save and cost (decision 0016). */
export async function encodingFigures(): Promise<Figure[]> {
  const decoder = new Decoder({ useRecords: false, mapsAsObjects: true })
  const memory: Figure = {
    figure: 'memory of one socket that compresses, kB',
    value: (await deflateMemory()) / 1000,
    goal: null,
    baseline: 'a socket that does not',
    better: 'lower',
  }
  const figures = revisions().flatMap(([name, revision]) => {
    const text = JSON.stringify(revision)
    const bytes = Buffer.from(text)
    const cbor = encodeCbor(revision)
    const parse = perCall(() => JSON.parse(text))
    const write = perCall(() => Buffer.from(JSON.stringify(revision)))
    const figure = (what: string, value: number, baseline: string): Figure => ({
      figure: `${name}: ${what}`,
      value,
      goal: null,
      baseline,
      better: 'lower',
    })
    return [
      figure('bytes as CBOR', cbor.length / bytes.length, 'JSON text'),
      figure('bytes as deflated JSON', deflateRawSync(bytes).length / bytes.length, 'JSON text'),
      figure('reading CBOR, own decoder', perCall(() => decodeCbor(cbor)) / parse, 'JSON.parse'),
      figure('reading CBOR, cbor-x', perCall(() => decoder.decode(cbor)) / parse, 'JSON.parse'),
      figure('writing CBOR', perCall(() => encodeCbor(revision)) / write, 'JSON.stringify to bytes'),
      figure(
        'deflating it for one socket',
        perCall(() => deflateRawSync(bytes, { level: constants.Z_BEST_SPEED })) / write,
        'JSON.stringify to bytes',
      ),
    ]
  })
  return [...figures, memory]
}

/** Bytes of memory for each socket whose compression keeps its window, as the extension does by default. */
async function deflateMemory(): Promise<number> {
  const count = 200
  const before = process.memoryUsage().rss
  const streams = Array.from({ length: count }, () => createDeflateRaw())
  for (const stream of streams) {
    stream.write('{"id":1,"patch":[]}')
    await new Promise<void>((done) => stream.flush(constants.Z_SYNC_FLUSH, done))
  }
  const used = process.memoryUsage().rss - before
  for (const stream of streams) stream.destroy()
  return used / count
}

/** Microseconds of one call, the best of five batches. */
function perCall(work: () => unknown): number {
  let times = 1
  let best = Infinity
  for (let batch = 0; batch < 5;) {
    const start = performance.now()
    for (let i = 0; i < times; i++) work()
    const spent = performance.now() - start
    if (spent < 5) times *= 2
    else {
      best = Math.min(best, (spent * 1000) / times)
      batch++
    }
  }
  return best
}
