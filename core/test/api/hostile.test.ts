import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CONTRACT, type MethodName } from '@startd/base/rpc/contract.ts'
import type { MethodDefinition } from '@startd/base/rpc/method.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { MethodTable } from '../../src/rpc/handlers.ts'
import { HttpServer } from '../../src/rpc/http-server.ts'
import { PASSWORD, World } from './world.ts'

const methods = Object.entries<MethodDefinition>(CONTRACT) as [MethodName, MethodDefinition][]

let world: World
beforeAll(async () => {
  world = await World.running()
})
afterAll(() => world[Symbol.asyncDispose]())

/** A request with headers that `fetch` would not send. */
async function raw(path: string, headers: Record<string, string>, method = 'GET', body = '') {
  const sent = request(world.daemon.url + path, { method, headers })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}

describe('a name that another site makes point here', () => {
  const evil = { host: 'evil.example:8080' }

  it('opens neither a call, nor a page, nor a file, nor a stream', async () => {
    const call = '{"method":"server.time","params":{}}'
    const answers = [
      await raw('/rpc/v1', { ...evil, cookie: world.cookie }, 'POST', call),
      await raw('/', evil),
      await raw('/s9pk/installed/hello-world.s9pk', { ...evil, cookie: world.cookie }),
      await raw('/metrics', evil),
      await raw('/rest/rpc/A', evil, 'POST'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([421, 421, 421, 421, 421])
    const { guid } = (await world.ok('db.subscribe', {})) as { guid: string }
    const refused = world.socket(guid, evil)
    expect(((await once(refused, 'error')) as [Error])[0].message).toContain('421')
    const socket = world.socket(guid)
    await once(socket, 'open')
    socket.terminate()
  })

  it('sets no new server up', async () => {
    await using fresh = await World.create()
    const sent = request(`${fresh.daemon.url}/rpc/v1`, { method: 'POST', headers: evil })
    sent.end(JSON.stringify({ method: 'setup.execute', params: { password: PASSWORD } }))
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(421)
    expect(await fresh.ok('setup.status', {})).toMatchObject({ status: 'incomplete' })
  })
})

describe('a form of another site', () => {
  it('changes nothing, whatever it says that it sends', async () => {
    const call = '{"method":"auth.session.kill","params":{"ids":["x"]}}'
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      for (const site of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
        const headers = { cookie: world.cookie, 'content-type': type, ...site }
        const { text: answer } = await raw('/rpc/v1', headers, 'POST', call)
        expect(answer).toContain('"code":34')
      }
    }
  })

  it('cannot hide a login behind a cookie of its own', async () => {
    const cookie = `session=${'a'.repeat(26)}; ${world.cookie}`
    expect((await world.call('server.time', {}, { cookie })).body.error).toBeUndefined()
  })
})

describe('every answer', () => {
  const PATHS = [
    '/',
    '/x.js',
    '/rpc/v1',
    '/ws/rpc/A',
    '/rest/rpc/A',
    '/s9pk/installed/a.s9pk',
    '/metrics',
    '//',
    '/%ff',
  ]

  it.each(PATHS)('of %s can be neither framed, nor guessed at, nor kept', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      const { headers } = await raw(path, { cookie: world.cookie }, method)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['x-frame-options']).toBe('DENY')
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['cross-origin-resource-policy']).toBe('same-origin')
      expect(headers['cache-control']).toBe('no-store')
    }
  })

  it('with a file of a package is for those who have logged in, runs nothing and is not kept', async () => {
    await using http = new HttpServer({ web: null })
    const { port } = await http.listen('127.0.0.1', 0)
    let kind: 'session' | 'local' = 'session'
    http.serve({
      name: 'running',
      methods: MethodTable.partial({}),
      gate: null,
      fence: null,
      identify: () => ({ kind, session: null }),
      hostNames: () => new Set(),
      packageFiles: async () => ({
        content: Readable.from(['<script>x</script>']),
        size: 18,
        type: 'text/html',
        digest: null,
      }),
      onError: () => undefined,
    })
    const get = () => fetch(`http://127.0.0.1:${port}/s9pk/installed/a.s9pk/x.html`)
    const { status, headers } = await get()
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toMatch(
      /^sandbox; default-src 'none'.*frame-ancestors 'none'/,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    kind = 'local'
    expect((await get()).status).toBe(401)
    expect(
      (
        await fetch(`http://127.0.0.1:${port}/s9pk/installed/a.s9pk/x.html`, {
          headers: { origin: 'http://evil.example' },
        })
      ).status,
    ).toBe(401)
  })
})

describe('a stranger', () => {
  /** Parameters that fit a schema, with this text wherever a text may stand. */
  const filled = (schema: z.core.JSONSchema.BaseSchema, word: string): unknown => {
    if (schema.const !== undefined) return schema.const
    if (schema.enum) return schema.enum[0]
    const options = schema.anyOf ?? schema.oneOf
    if (options) return filled(options.find((option) => option.type !== 'null') ?? {}, word)
    switch (schema.type) {
      case 'object':
        return Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([key, member]) => [
            key,
            filled(member as typeof schema, word),
          ]),
        )
      case 'array':
        return [filled(schema.items as typeof schema, word)]
      case 'integer':
      case 'number':
        return 1
      case 'boolean':
        return true
      default:
        return word
    }
  }
  const paramsOf = ({ params }: MethodDefinition, word: string) => ({
    ...(filled(z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }), word) as object),
    // Names that a method may look for although it does not declare them.
    ...Object.fromEntries(
      ['url', 'registry', 'host', 'server', 'address', 'target'].map((key) => [key, word]),
    ),
  })

  it('may call four methods of a running server', () => {
    const open = methods.filter(
      ([, { auth, contexts }]) => contexts.includes('running') && auth !== 'session',
    )
    expect(open.map(([name]) => name).sort()).toEqual(['auth.get-pubkey', 'auth.login', 'echo', 'state'])
  })

  it('makes this server reach out to nobody, at no stage', async () => {
    const reached: string[] = []
    const target = createServer((socket) => {
      reached.push('somebody')
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(target, 'listening')
    const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/x`
    await using fresh = await World.create()
    for (const [name, definition] of methods) {
      await world.call(name, paramsOf(definition, url), { cookie: 'a=b' })
      // Those change what the next ones find.
      if (!/^setup\.(execute|exit|complete)$/.test(name)) await fresh.call(name, paramsOf(definition, url))
    }
    target.close()
    expect(reached).toEqual([])
  }, 60_000)

  it('learns nothing that is private, whatever it sends', async () => {
    const { value } = (await world.ok('db.dump', { pointer: '/private' })) as {
      value: { password: string; developerKey: string; sessions: object }
    }
    const secrets = [
      value.password,
      value.developerKey,
      world.cookie.slice(8),
      ...Object.keys(value.sessions),
      world.data,
    ]
    for (const [name, definition] of methods) {
      for (const params of [{}, paramsOf(definition, 'x'), paramsOf(definition, '/private'), { '': null }]) {
        const { status, body } = await world.call(name, params, { cookie: 'local=x; session=x' })
        expect(status).toBe(200)
        const answer = JSON.stringify(body)
        for (const secret of secrets) expect(answer).not.toContain(JSON.stringify(secret).slice(1, -1))
        expect(answer).not.toMatch(/\n {4}at |node:internal/)
        if (definition.auth === 'session' && definition.contexts.includes('running'))
          expect([name, body.error?.code]).toEqual([name, 34])
      }
    }
  }, 60_000)
})
