import { describe, expect, it } from 'vitest'
import { S9pkError, openS9pkStream } from '../src/s9pk/index.ts'
import archives from './vectors/s9pk-archives.json' with { type: 'json' }

const bytesOf = (name: string) =>
  Uint8Array.from(Buffer.from(archives.vectors.find((vector) => vector.name === name)!.bytesHex, 'hex'))
const NAMES = ['s9pk-tiny-pack-order', 's9pk-tiny-priority-order', 's9pk-tiny-filtered-x86_64']

async function* inChunks(bytes: Uint8Array, size: number, onChunk: () => void = () => undefined) {
  for (let at = 0; at < bytes.length; at += size) {
    onChunk()
    yield bytes.subarray(at, at + size)
  }
}

describe('a package that comes as a stream', () => {
  it.each(NAMES)('shows manifest, texts and icon of %s, and is verified to its end', async (name) => {
    for (const size of [1, 100, 10_000]) {
      const { s9pk, rest } = await openS9pkStream(inChunks(bytesOf(name), size))
      expect(s9pk.manifest.id).toBe('tiny')
      expect(await s9pk.license()).toBe('MIT')
      expect(await s9pk.instructions()).toBe('# Hi')
      expect(await s9pk.icon()).toMatch(/^data:image\/svg/)
      expect(await s9pk.dependencyMetadata('other')).toMatchObject({ title: 'Other' })
      await expect(s9pk.readFile('javascript.squashfs')).rejects.toThrow(/while it arrives/)
      let last: [number, number] = [0, 0]
      await rest((passed, total) => (last = [passed, total]))
      expect(last[1]).toBe(bytesOf(name).length)
    }
  })

  it('is shown before its last byte has come', async () => {
    const bytes = bytesOf('s9pk-tiny-priority-order')
    let chunks = 0
    await openS9pkStream(inChunks(bytes, 10, () => chunks++))
    expect(chunks * 10).toBeLessThan(bytes.length - 100)
  })

  it('may be a stream of the browser', async () => {
    const { s9pk, rest } = await openS9pkStream(new Blob([bytesOf(NAMES[0]!)]).stream())
    expect(s9pk.manifest.id).toBe('tiny')
    await rest()
  })

  it('is refused with the right kind of error, in every shared case', async () => {
    const kinds: Record<string, string> = { 'Filesystem (unexpected EOF)': 'Filesystem' }
    for (const bad of archives.negative) {
      const bytes = bad.bytesHex
        ? Uint8Array.from(Buffer.from(bad.bytesHex, 'hex'))
        : bytesOf(bad.derivedFrom)
      const reading = async () => {
        const { rest } = await openS9pkStream(inChunks(bytes, 50), { commitment: bad.commitment ?? null })
        await rest()
      }
      const error = await reading().catch((thrown: unknown) => thrown)
      expect([bad.name, error instanceof S9pkError && error.kind]).toEqual([
        bad.name,
        kinds[bad.errorKind] ?? bad.errorKind,
      ])
    }
  })

  it('is refused when it is cut off or damaged at its end, or is too large', async () => {
    const bytes = bytesOf(NAMES[0]!)
    const whole = async (data: Uint8Array, maxSize = 1e9) =>
      (await openS9pkStream(inChunks(data, 100), { maxSize })).rest()
    await expect(whole(bytes.subarray(0, -1))).rejects.toMatchObject({ fault: 'truncated' })
    await expect(whole(bytes.with(-1, bytes.at(-1)! ^ 1))).rejects.toMatchObject({ fault: 'untrusted' })
    await expect(whole(bytes, 1000)).rejects.toMatchObject({ fault: 'too-large' })
  })
})
