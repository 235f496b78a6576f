import { CONTRACT } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.running()
})
afterAll(() => world[Symbol.asyncDispose]())

const PARSE = -32700
const NOT_FOUND = -32601
const INVALID = -32602

describe('one call', () => {
  it.each([
    ['an absent id', '{"method":"state","params":{}}', null],
    ['a null id', '{"id":null,"method":"state","params":{}}', null],
    ['a number', '{"id":5,"method":"state","params":{}}', 5],
    ['text', '{"id":"x","method":"state","params":{}}', 'x'],
    ['another jsonrpc version', '{"jsonrpc":"1.0","id":7,"method":"state","params":{}}', 7],
  ])('is answered with %s', async (_name, body, id) => {
    const answer = await world.post(body)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.body).toEqual({ jsonrpc: '2.0', result: 'running', id })
    expect(Object.keys(answer.body)).toEqual(['jsonrpc', 'result', 'id'])
  })

  it.each([
    ['without params', '{"id":1,"method":"state"}'],
    ['with null params', '{"id":1,"method":"state","params":null}'],
    ['with a boolean id', '{"id":true,"method":"state","params":{}}'],
    ['without a method', '{"id":1,"params":{}}'],
    ['cut off', '{"id":1,"method":"st'],
    ['that is empty', ''],
    ['that is a number', '7'],
    [
      'nested too deeply',
      `{"id":1,"method":"echo","params":{"message":${'['.repeat(300)}${']'.repeat(300)}}}`,
    ],
  ])('%s is a parse error without id', async (_name, body) => {
    const { status, body: answer } = await world.post(body)
    expect(status).toBe(200)
    expect(answer.error?.code).toBe(PARSE)
    expect(answer.error?.message).toBe('Parse error')
    expect(answer.error?.data).toBeTypeOf('string')
    expect(answer.id).toBeNull()
  })

  it('survives nesting that would exhaust a stack', async () => {
    const deep = `{"id":1,"method":"echo","params":{"message":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`
    expect((await world.post(deep)).body.error?.code).toBe(PARSE)
  })

  it('does not take params by position', async () => {
    const { body } = await world.post('{"id":3,"method":"echo","params":["hi"]}')
    expect(body).toMatchObject({ id: 3, error: { code: INVALID } })
  })

  it('names the parameter that does not fit', async () => {
    const { body } = await world.call('echo', { message: 5 })
    expect(body.error?.code).toBe(INVALID)
    expect(body.error?.data).toContain('message')
  })

  it('ignores keys that it does not know, and reserved ones', async () => {
    expect(await world.ok('echo', { message: 'hi', other: 1, __Auth_session: 'x' })).toBe('hi')
  })

  it('ignores content type and path tail', async () => {
    const answer = await world.post(
      '{"method":"echo","params":{"message":"a"}}',
      { 'content-type': 'text/plain' },
      '/rpc/anything/else',
    )
    expect(answer.body.result).toBe('a')
  })

  it('answers a GET as a request without body', async () => {
    const response = await fetch(`${world.daemon.url}/rpc/v1`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ error: { code: PARSE }, id: null })
  })

  it('takes five megabytes from a known caller and little from a stranger', async () => {
    const value = 'x'.repeat(5_000_000)
    expect(await world.ok('db.put.ui', { pointer: '/big', value })).toBeNull()
    await world.ok('db.put.ui', { pointer: '/big', value: null })
    const stranger = await world.call('echo', { message: value }, { cookie: 'session=none' })
    expect(stranger.body.error?.code).toBe(PARSE)
  })
})

describe('a method that is not there', () => {
  it.each(['', 'nothing', 'server.nothing', 'setup.status', '__proto__', 'constructor', 'echo.echo'])(
    '“%s” is refused before the caller is looked at, with its id',
    async (method) => {
      const { body } = await world.call(method, {}, { cookie: 'session=none' })
      expect(body).toMatchObject({ error: { code: NOT_FOUND, message: 'Method not found' }, id: 1 })
    },
  )

  it('is a group: refused after the caller is looked at', async () => {
    expect((await world.call('server', {}, { cookie: 'session=none' })).body).toMatchObject({
      error: { code: 34 },
      id: null,
    })
    expect((await world.call('server', {})).body).toMatchObject({ error: { code: NOT_FOUND }, id: 1 })
  })
})

describe('a batch', () => {
  const call = (id: number, message: string) => ({ id, method: 'echo', params: { message } })

  it('keeps the order', async () => {
    const { body } = await world.post(
      JSON.stringify([
        call(1, 'a'),
        call(2, 'b'),
        { id: 3, method: 'server.metrics', params: {} },
        call(4, 'd'),
      ]),
    )
    expect(body).toMatchObject([
      { id: 1, result: 'a' },
      { id: 2, result: 'b' },
      { id: 3 },
      { id: 4, result: 'd' },
    ])
  })

  it('of nothing is answered with nothing', async () => {
    expect((await world.post('[]')).body).toEqual([])
  })

  it('is refused whole when one element is bad', async () => {
    const { body } = await world.post(JSON.stringify([call(1, 'a'), { id: 2, method: 'echo' }]))
    expect(body).toMatchObject({ error: { code: PARSE }, id: null })
  })

  it('refuses null params only for their element', async () => {
    const { body } = await world.post(
      JSON.stringify([call(1, 'a'), { id: 2, method: 'state', params: null }]),
    )
    expect(body).toMatchObject([{ result: 'a' }, { id: 2, error: { code: INVALID } }])
  })

  it('has a limit', async () => {
    const many = JSON.stringify(Array.from({ length: 1001 }, (_, id) => call(id, 'a')))
    expect((await world.post(many)).body).toMatchObject({ error: { code: -32600 } })
  })

  it('carries one sequence for each synchronised call', async () => {
    const body = JSON.stringify([1, 2].map((id) => ({ id, method: 'package.stop', params: { id: 'none' } })))
    const answer = await world.post(body)
    expect(answer.headers.get('x-patch-sequence')).toMatch(/^\d+, \d+$/)
  })
})

describe('errors of the application', () => {
  it('carry a label, details and no stack', async () => {
    const { body } = await world.call('notification.mark-seen', { ids: [99] })
    expect(body).toEqual({
      jsonrpc: '2.0',
      error: {
        code: 6,
        message: 'Not found',
        data: { details: 'There is no notification 99', debug: '', info: null },
      },
      id: 1,
    })
  })

  it('has no id when the caller is not known', async () => {
    const { body } = await world.call('db.dump', {}, { cookie: 'session=none' })
    expect(body).toMatchObject({ error: { code: 34, data: { details: 'Log in first' } }, id: null })
  })
})

describe('X-Patch-Sequence', () => {
  it('stands on synchronised methods, also when they fail, and on no others', async () => {
    const sequence = async (method: string, params: unknown, headers = {}) =>
      (await world.call(method, params, headers)).headers.get('x-patch-sequence')
    const now = ((await world.ok('db.dump', {})) as { id: number }).id
    expect(Number(await sequence('package.start', { id: 'none' }))).toBeGreaterThanOrEqual(now)
    expect(await sequence('package.start', { id: 'none' }, { cookie: 'session=none' })).not.toBeNull()
    expect(await sequence('db.put.ui', { pointer: '/snakeHighScore', value: 3 })).toBeNull()
    expect(await sequence('state', {})).toBeNull()
  })

  it('stands on exactly the methods that are declared so, even for strangers', async () => {
    const NONE = { cookie: 'a=b' }
    for (const [name, { sync, contexts }] of Object.entries<MethodDefinition>(CONTRACT)) {
      const { headers } = await world.call(name, {}, NONE)
      expect([name, headers.has('x-patch-sequence')]).toEqual([name, sync && contexts.includes('running')])
    }
  })
})
