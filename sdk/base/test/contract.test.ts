import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CONTRACT } from '../src/rpc/contract.ts'
import type { MethodDefinition } from '../src/rpc/method.ts'
import data from './data/published-methods.json' with { type: 'json' }

type Published = Pick<MethodDefinition, 'mark' | 'auth' | 'contexts' | 'sync'> & { name: string }

/** The methods that published clients know, with what they rely on. */
const published = data as Published[]
const contract = Object.entries<MethodDefinition>(CONTRACT)

describe('the contract', () => {
  it('declares every published method', () => {
    const names = contract.map(([name]) => name)
    expect(published.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([])
    expect(published).toHaveLength(156)
  })

  it.each(published)('gives $name to the same callers, at the same stages', ({ name, ...facts }) => {
    const { mark, auth, contexts, sync } = (CONTRACT as Record<string, MethodDefinition>)[name] ?? {}
    expect({ mark, auth, sync, contexts: contexts?.toSorted() }).toEqual({
      ...facts,
      contexts: facts.contexts.toSorted(),
    })
  })

  it.each(contract)('explains %s and its flags', (name, { summary, params, cli }) => {
    expect(summary).toMatch(/^[A-Z].{5,}[^.]$/)
    const { properties = {} } = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' })
    if (cli === null || cli.custom === true) return
    const positional = cli.positional.map((text) => text.replace(/[?…]+$/, ''))
    for (const [key, schema] of Object.entries(properties)) {
      if (positional.includes(key)) continue
      const described = JSON.stringify(schema).includes('"description"')
      expect([name, key, described]).toEqual([name, key, true])
    }
  })

  it.each(contract)('can describe the parameters and the result of %s', (_name, { params, result }) => {
    for (const [schema, io] of [[params, 'input'] as const, [result, 'output'] as const]) {
      expect(() => z.toJSONSchema(schema, { io, unrepresentable: 'any' })).not.toThrow()
    }
    expect(z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' })).toMatchObject({ type: 'object' })
  })

  it('takes parameters by the names that older clients send', () => {
    const mail = { port: 587, from: 'a@example.com', security: null }
    expect(CONTRACT['server.set-smtp'].params.parse({ ...mail, server: 'h', login: 'u' })).toEqual({
      host: 'h',
      username: 'u',
      password: null,
      ...mail,
      security: 'starttls',
    })
    expect(
      CONTRACT['auth.reset-password'].params.parse({
        'old-password': 'a',
        'new-password': 'b',
        newPassword: 'c',
      }),
    ).toEqual({ oldPassword: 'a', newPassword: 'c' })
    expect(
      CONTRACT['net.vhost.remove-passthrough'].params.parse({ hostname: 'nas.example.com', listenPort: 443 }),
    ).toEqual({ hostname: 'nas.example.com', 'listen-port': 443 })
  })

  it('ignores what it does not know and refuses what it lacks', () => {
    expect(CONTRACT.echo.params.parse({ message: 'a', more: 1 })).toEqual({ message: 'a' })
    for (const [name, { params }] of contract) {
      const { required = [] } = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' })
      expect([name, params.safeParse({}).success]).toEqual([name, required.length === 0])
    }
  })
})
