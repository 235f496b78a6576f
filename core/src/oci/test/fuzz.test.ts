import { execa } from 'execa'
import { CodedError } from '@startd/base/errors.ts'
import { beforeAll, expect, it } from 'vitest'
import { emit, planOf } from '../merge/emit.ts'
import { mergeLayers } from '../merge/index.ts'
import { readTar } from '../tar/read.ts'
import { chunked, gzipped, layerOf, tarOf } from './layers.ts'
import { random } from './random.ts'

const ROUNDS = 20_000
const LIMITS = { unpacked: 3_000_000, entries: 200, metadata: 400_000, layers: 3, layer: 1e9 }
const OPTIONS = { what: 'the image', whiteouts: true, limits: LIMITS }

const BLOCK = 512
/** Fields of a header that decide most, and what hostile archives write there. */
const FIELDS = [0, 100, 108, 116, 124, 136, 156, 157, 257, 345, 386, 482, 483]
const VALUES = [
  '../../../etc/passwd\0',
  '/etc\0',
  '.wh.\0',
  '.wh..wh..opq\0',
  'd/\0',
  './\0',
  '\0',
  '00000000000\0',
]
  .concat([
    '77777777777\0',
    '99999999999\0',
    'L',
    'K',
    'x',
    'g',
    'S',
    '1',
    '2',
    '3',
    '5',
    '6',
    '7',
    'V',
    '\xff\xff\xff\xff',
  ])
  .concat([
    '\x80\0\0\0\0\0\0\0\xff\xff\xff\xff',
    '\xff'.repeat(12),
    '\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  ])

function mutated(original: Buffer, next: (n: number) => number): Buffer {
  let bytes = Buffer.from(original)
  const block = () => BLOCK * next(Math.max(1, Math.floor(bytes.length / BLOCK)))
  for (let i = 0; i <= next(4); i++) {
    const at = block()
    switch (next(6)) {
      case 0:
        bytes[next(bytes.length)] = next(256)
        break
      case 1:
      case 2:
        bytes.write(VALUES[next(VALUES.length)]!, at + FIELDS[next(FIELDS.length)]!, 'latin1')
        fix(bytes, at)
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + BLOCK)])
        break
      case 4:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          bytes.subarray(block(), block() + BLOCK),
          bytes.subarray(at),
        ])
        break
      default:
        bytes = bytes.subarray(0, next(bytes.length) + 1)
    }
    if (bytes.length < BLOCK) break
  }
  return bytes
}

/** Gives a block the checksum that it would have as a header, so that the change is looked at. */
function fix(bytes: Buffer, at: number): void {
  if (at + BLOCK > bytes.length) return
  bytes.fill(' ', at + 148, at + 156)
  const sum = bytes.subarray(at, at + BLOCK).reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148)
}

let samples: Buffer[]
beforeAll(async () => {
  const ours = tarOf(
    { path: 'd/', mode: 0o1777 },
    { path: `d/${'n'.repeat(150)}`, content: 'x'.repeat(700), xattrs: new Map([['user.a', 'b']]) },
    { path: 'l', type: 'symlink', linkname: '/d' },
    { path: 'l/inside', content: 'y' },
    { path: 'h', type: 'link', linkname: 'l/inside' },
    { path: 'd/.wh.gone' },
  )
  const gnu = async (...args: string[]) => {
    const script =
      'cd "$(mktemp -d)"; trap "rm -r $PWD" EXIT; truncate -s 90000 holes; echo x >> holes; mkdir -p d; '
    const { stdout } = await execa(
      'sh',
      ['-c', `${script} echo a > d/${'m'.repeat(120)}; tar -cS ${args.join(' ')} .`],
      {
        encoding: 'buffer',
      },
    )
    return Buffer.from(stdout).subarray(0, 8192)
  }
  samples = [
    ours,
    await gnu('--format=gnu'),
    await gnu('--format=posix'),
    await gnu('--format=posix', '--sparse-version=0.1'),
  ]
})

/** What became of it: the paths that are left, or how it was refused. Anything but a coded error is thrown. */
async function outcome(layers: Buffer[]): Promise<string[] | string> {
  const made = layers.map((bytes) => layerOf(bytes))
  try {
    const plan = planOf(await mergeLayers(made, OPTIONS), 'the image')
    const limits = { bytes: 1e8, entries: 1e6 }
    const tar = emit(plan, 'the image', (number) => readTar(made[number]!.open(), 'again', limits))
    const paths: string[] = []
    for await (const { entry } of readTar(tar, 'ours', limits)) paths.push(entry.path)
    return paths
  } catch (cause) {
    if (cause instanceof CodedError) return cause.message
    throw cause
  }
}

it('mutated archives are refused or merged, and never reach out of the root', async () => {
  let merged = 0
  for (let seed = 0; seed < ROUNDS; seed++) {
    const next = random(seed)
    const layers = Array.from({ length: 1 + next(2) }, () => mutated(samples[next(samples.length)]!, next))
    const result = await outcome(layers).catch((cause: unknown) => {
      throw new Error(`seed ${seed}`, { cause })
    })
    if (typeof result === 'string') continue
    merged++
    for (const path of result) expect(path, `seed ${seed}`).toMatch(/^(?!\/)(?!(.*\/)?\.\.(\/|$))[^]+$/)
  }
  // Both ways must have been gone, or the mutations are too tame or too wild.
  expect(merged).toBeGreaterThan(ROUNDS / 20)
  expect(merged).toBeLessThan((ROUNDS * 19) / 20)
})

it('mutated packed archives are refused or merged', async () => {
  const packed = gzipped(samples[0]!)
  for (let seed = 0; seed < 600; seed++) {
    const next = random(seed)
    const bytes = Buffer.from(packed)
    for (let i = 0; i <= next(3); i++) bytes[next(bytes.length)] = next(256)
    const cut = next(3) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes
    const made = { what: 'the layer', open: () => chunked(cut, 300) }
    await mergeLayers([made], OPTIONS).catch((cause: unknown) => {
      if (!(cause instanceof CodedError)) throw new Error(`seed ${seed}`, { cause })
    })
  }
})
