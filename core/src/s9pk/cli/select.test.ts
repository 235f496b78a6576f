import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HardwareRequirements } from '@startd/base/manifest.ts'
import archives from '../../../../sdk/base/test/vectors/s9pk-archives.json' with { type: 'json' }
import { newSeed } from '../keys.ts'
import { bytesContent } from '../write/content.ts'
import { writeArchive } from '../write/index.ts'
import { treeOf } from '../write/source-tree.ts'
import type { DeviceInfo } from '@startd/base/rpc/server.ts'
import { isCompatible, select } from './select.ts'

type Hardware = NonNullable<DeviceInfo['hardware']>
type Device = NonNullable<Hardware['devices']>[number]

const gpu: Device = {
  class: 'display',
  vendor: 'ACME',
  product: 'Fast 3000',
  capabilities: ['vga'],
  driver: 'acme',
}
const hardware: Hardware = { arch: 'x86_64', ram: 8e9, devices: [gpu] }
const os = {
  version: '0.4.0',
  compat: '>=0.3.0:0 <=0.4.0:0',
  platform: 'x86_64',
  language: null,
}

describe('requirements of hardware', () => {
  const needs = (requirements: object) => isCompatible(HardwareRequirements.parse(requirements), hardware)
  const device = (filter: object) => ({ device: [{ description: '', class: 'display', ...filter }] })

  it('count architecture, memory and devices', () => {
    expect(needs({})).toBe(true)
    expect(needs({ arch: ['aarch64'] })).toBe(false)
    expect(needs({ arch: ['aarch64', 'x86_64'], ram: 8e9 })).toBe(true)
    expect(needs({ ram: 8e9 + 1 })).toBe(false)
    expect(
      needs(device({ vendor: 'AC', product: '^Fast \\d+$', capabilities: ['vga'], driver: 'acme' })),
    ).toBe(true)
    for (const filter of [
      { vendor: 'other' },
      { driver: 'other' },
      { capabilities: ['opengl'] },
      { product: '(' },
    ]) {
      expect(needs(device(filter))).toBe(false)
    }
    expect(needs({ device: [{ description: '', class: 'processor' }] })).toBe(false)
    const unknown = { ...hardware, devices: null }
    expect(isCompatible(HardwareRequirements.parse(device({ vendor: 'other' })), unknown)).toBe(true)
  })
})

describe('select', () => {
  let world: string
  beforeEach(async () => {
    world = await mkdtemp(join(tmpdir(), 'select-test-'))
  })
  afterEach(() => rm(world, { recursive: true }))

  const tiny = archives.vectors.find(({ name }) => name === 's9pk-tiny-pack-order')!.files as [
    string,
    string,
  ][]
  async function write(name: string, changes: object): Promise<string> {
    const files = new Map(tiny.map(([path, hex]) => [path, bytesContent(Buffer.from(hex, 'hex'))]))
    const manifest: unknown = JSON.parse(
      Buffer.from(tiny.find(([path]) => path === 'manifest.json')![1], 'hex').toString(),
    )
    files.set(
      'manifest.json',
      bytesContent(Buffer.from(JSON.stringify({ ...(manifest as object), ...changes }))),
    )
    const path = join(world, name)
    await writeArchive(treeOf(files), path, { signer: { seed: newSeed() } })
    return path
  }
  const requiring = (requirements: object) => ({ hardwareRequirements: requirements })

  it('takes the package that is made most particularly for the server', async () => {
    const universal = await write('universal.s9pk', requiring({}))
    const arm = await write('arm.s9pk', requiring({ arch: ['aarch64'] }))
    const x86 = await write('x86.s9pk', requiring({ arch: ['x86_64'] }))
    const withGpu = await write(
      'gpu.s9pk',
      requiring({ device: [{ description: '', class: 'display', vendor: 'ACME' }] }),
    )
    const newer = await write('newer.s9pk', { osVersion: '0.5.0', ...requiring({ arch: ['x86_64'] }) })
    const broken = join(world, 'broken.s9pk')
    await writeFile(broken, 'x')
    const all = [broken, newer, universal, arm, x86, withGpu]
    const choose = (paths: string[], devices: Device[]) =>
      select(paths, { os, hardware: { ...hardware, devices } })
    expect(await choose(all, [gpu])).toBe(withGpu)
    expect(await choose(all, [])).toBe(x86)
    expect(await choose([universal, arm], [])).toBe(universal)
    await expect(choose([arm, newer, broken], [])).rejects.toThrow(
      'no compatible s9pk found for device (arch: x86_64, os: 0.4.0)',
    )
  })
})
