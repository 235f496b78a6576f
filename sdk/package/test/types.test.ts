import { describe, expect, expectTypeOf, it } from 'vitest'
import { InputSpec, List, StartSdk, Value, Variants, VersionInfo, setupManifest, z } from '../src/index.ts'
import { HostInMemory } from './kit/effects.ts'

const manifest = setupManifest({
  id: 'typed',
  title: 'Typed',
  license: 'MIT',
  packageRepo: 'https://example.com/',
  upstreamRepo: 'https://example.com/',
  marketingUrl: null,
  donationUrl: null,
  description: { short: 's', long: { en_US: 'l' } },
  volumes: ['main', 'data'],
  images: { app: { source: { dockerTag: 'app:1' } } },
  dependencies: { db: { description: null, optional: true, s9pk: null } },
})
const sdk = StartSdk.of().withManifest(manifest).build(true)

describe('the types know the package', () => {
  const effects = new HostInMemory().effects('main')

  it('its images, volumes and dependencies', () => {
    expectTypeOf<keyof typeof sdk.volumes>().toEqualTypeOf<'main' | 'data'>()
    expect(sdk.volumes.data.subpath('x')).toBe('/media/startos/volumes/data/x')
    sdk.SubContainer.of(effects, { imageId: 'app' }, null, 'x')
    // @ts-expect-error no such image
    sdk.SubContainer.of(effects, { imageId: 'other' }, null, 'x')
    const at = { subpath: null, mountpoint: '/x', readonly: false }
    sdk.Mounts.of()
      .mountVolume({ ...at, volumeId: 'main' })
      .mountDependency({ ...at, mountpoint: '/y', dependencyId: 'db', volumeId: 'v' })
    // @ts-expect-error no such volume
    sdk.Mounts.of().mountVolume({ ...at, volumeId: 'other' })
    // @ts-expect-error no such dependency
    sdk.Mounts.of().mountDependency({ ...at, dependencyId: 'other', volumeId: 'v' })
  })

  it('the ids of daemons declared before', () => {
    const ready = { display: null, fn: async () => ({ result: 'success' as const, message: null }) }
    const one = sdk.Daemons.of(effects).addHealthCheck('a', { ready, requires: [] })
    one.addHealthCheck('b', { ready, requires: ['a'] })
    // @ts-expect-error not declared before
    one.addHealthCheck('b', { ready, requires: ['c'] })
    // @ts-expect-error taken
    one.addHealthCheck('a', { ready, requires: [] })
    // @ts-expect-error empty
    one.addHealthCheck('', { ready, requires: [] })
    expectTypeOf(one.addHealthCheck('c', async () => null)).resolves.toHaveProperty('build')
  })

  it('what a form gives', () => {
    const form = InputSpec.of({
      name: Value.text({ name: '', required: true, default: null }),
      maybe: Value.number({ name: '', required: false, default: null, integer: true }),
      pick: Value.select({ name: '', default: 'a', values: { a: 'A', b: 'B' } }),
      tags: Value.list(List.text({ name: '' }, {})),
      group: Value.object({ name: '' }, InputSpec.of({ on: Value.toggle({ name: '', default: true }) })),
      way: Value.union({
        name: '',
        default: 'off',
        variants: Variants.of({
          off: { name: '', spec: InputSpec.of({}) },
          on: {
            name: '',
            spec: InputSpec.of({
              port: Value.number({ name: '', required: true, default: 1, integer: true }),
            }),
          },
        }),
      }),
    })
    expect(Object.keys(form.fields)).toHaveLength(6)
    type Form = (typeof form)['_TYPE']
    expectTypeOf<Form['name']>().toEqualTypeOf<string>()
    expectTypeOf<Form['maybe']>().toEqualTypeOf<number | null>()
    expectTypeOf<Form['pick']>().toEqualTypeOf<'a' | 'b'>()
    expectTypeOf<Form['tags']>().toEqualTypeOf<string[]>()
    expectTypeOf<Form['group']>().toEqualTypeOf<{ on: boolean }>()
    expectTypeOf<Extract<Form['way'], { selection: 'on' }>['value']>().toEqualTypeOf<{ port: number }>()
    // @ts-expect-error the default is none of the values
    Value.select({ name: '', default: 'c', values: { a: 'A' } })
  })

  it('the input of a task', async () => {
    const form = InputSpec.of({ name: Value.text({ name: '', required: true, default: null }) })
    const metadata = {
      name: '',
      description: '',
      warning: null,
      allowedStatuses: 'any',
      visibility: 'enabled',
      group: null,
    } as const
    const action = sdk.Action.withInput(
      'a',
      metadata,
      form,
      async () => null,
      async () => null,
    )
    const input = { kind: 'partial' as const, accept: [{ name: 'x' }], set: { name: 'x' } }
    await sdk.action.createOwnTask(effects, action, 'critical', { reason: '', input })
    // @ts-expect-error no such field
    await sdk.action.createOwnTask(effects, action, 'critical', { input: { ...input, set: { other: 1 } } })
  })

  it('what a version looks like', () => {
    VersionInfo.of({ version: '1.0:0', releaseNotes: '', migrations: {} })
    // @ts-expect-error the revision of the package is missing
    VersionInfo.of({ version: '1.0', releaseNotes: '', migrations: {} })
  })

  it('objects keep keys that the shape does not name', () => {
    expect(z.object({ a: z.string() }).parse({ a: 'x', b: 1 })).toEqual({ a: 'x', b: 1 })
    expect(z.deepLoose(z.object({ in: zStrict() })).parse({ in: { a: 'x', b: 1 } })).toEqual({
      in: { a: 'x', b: 1 },
    })
    expect(z.deepPartial(z.object({ in: zStrict() })).parse({ in: {} })).toEqual({ in: {} })
  })
})

function zStrict() {
  return z.strictObject({ a: z.string() })
}
