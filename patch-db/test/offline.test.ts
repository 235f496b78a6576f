import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepOffline, PatchDbClient, type OfflineOptions, type OfflineStore } from '../client/index.ts'

type Document = { name: string; secret?: string }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

class Shelf implements OfflineStore {
  text: string | null = null
  saves = 0
  load = () => this.text
  save = (text: string) => {
    this.saves++
    this.text = text
  }
  remove = () => {
    this.text = null
  }
}

const options: OfflineOptions<Document> = { version: '1', select: ({ name }) => ({ name }) }

function keep(shelf: OfflineStore, own: Partial<OfflineOptions<Document>> = {}) {
  const client = new PatchDbClient<Document>()
  return { client, offline: keepOffline(client, shelf, { ...options, ...own }) }
}

describe('a copy for later', () => {
  it('is saved some time after changes, without what must not be kept', async () => {
    const shelf = new Shelf()
    const { client } = keep(shelf)
    client.update({ id: 1, value: { name: 'a', secret: 'hunter2' } })
    for (let id = 2; id < 50; id++)
      client.update({ id, patch: [{ op: 'replace', path: '/name', value: `n${id}` }] })
    await vi.advanceTimersByTimeAsync(900)
    expect(shelf.saves).toBe(0)
    await vi.advanceTimersByTimeAsync(200)
    expect(shelf).toMatchObject({ saves: 1, text: '{"version":"1","value":{"name":"n49"}}' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(shelf.saves).toBe(1)
  })

  it('is shown first next time, and nothing builds on it', async () => {
    const shelf = new Shelf()
    shelf.text = '{"version":"1","value":{"name":"old"}}'
    const { client, offline } = keep(shelf)
    await offline.loaded
    expect(client.value).toEqual({ name: 'old' })
    expect(client.position).toBeNull()
    client.update({ id: 9, patch: [{ op: 'replace', path: '/name', value: 'early' }] })
    expect(client.value).toEqual({ name: 'old' })
    client.update({ id: 9, value: { name: 'new' } })
    expect(client.value).toEqual({ name: 'new' })
  })

  it.each(['{"version":"0","value":{"name":"old"}}', 'broken', 'null'])(
    'of another kind is thrown away: %s',
    async (text) => {
      const shelf = new Shelf()
      shelf.text = text
      const { client, offline } = keep(shelf)
      await offline.loaded
      expect([client.value, shelf.text]).toEqual([undefined, null])
    },
  )

  it('does not replace what came from the server meanwhile', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const shelf = Object.assign(new Shelf(), { load: () => promise })
    const { client, offline } = keep(shelf)
    client.update({ id: 3, value: { name: 'new' } })
    resolve('{"version":"1","value":{"name":"old"}}')
    await offline.loaded
    expect(client.value).toEqual({ name: 'new' })
  })

  it('is not kept when it is too long, and goes with the logout', async () => {
    const shelf = new Shelf()
    const { client } = keep(shelf, { maxCharacters: 100 })
    client.update({ id: 1, value: { name: 'short' } })
    await vi.advanceTimersByTimeAsync(1100)
    expect(shelf.text).not.toBeNull()
    client.update({ id: 2, value: { name: 'x'.repeat(200) } })
    await vi.advanceTimersByTimeAsync(1100)
    expect(shelf.text).toBeNull()
    client.update({ id: 3, value: { name: 'short' } })
    await vi.advanceTimersByTimeAsync(1100)
    expect(shelf.text).not.toBeNull()
    client.update({ id: 4, value: { name: 'last' } })
    client.clear()
    await vi.advanceTimersByTimeAsync(5000)
    expect(shelf.text).toBeNull()
  })

  it('tells what the store cannot do, and goes on', async () => {
    const errors: unknown[] = []
    const shelf = Object.assign(new Shelf(), {
      save: () => {
        throw new Error('the quota is exceeded')
      },
    })
    const { client, offline } = keep(shelf, { onError: (error) => errors.push(error) })
    client.update({ id: 1, value: { name: 'a' } })
    await vi.advanceTimersByTimeAsync(1100)
    expect(errors).toMatchObject([{ message: 'the quota is exceeded' }])
    offline.close()
    client.update({ id: 2, value: { name: 'b' } })
    await vi.advanceTimersByTimeAsync(5000)
    expect(errors).toHaveLength(1)
  })
})
