import { parseManifest } from '@startd/base/manifest.ts'
import { describe, expect, it } from 'vitest'
import { VersionGraph, VersionInfo, buildManifest, setupManifest } from '../src/index.ts'

const versions = VersionGraph.of({
  current: VersionInfo.of({ version: '2.0:1', releaseNotes: { en_US: 'New' }, migrations: {} }).satisfies(
    '#x:2.0:0',
  ),
  other: [],
})
const authored = setupManifest({
  id: 'built',
  title: 'Built',
  license: 'MIT',
  packageRepo: 'https://example.com/p',
  upstreamRepo: 'https://example.com/u',
  donationUrl: null,
  description: { short: 's', long: 'l' },
  volumes: ['main'],
  images: {
    any: { source: 'packed' },
    native: { source: 'packed', arch: ['x86_64', 'aarch64'], emulateMissingAs: null },
    arm: { source: { dockerTag: 'x' }, arch: ['aarch64'] },
  },
  dependencies: { db: { description: null, optional: true, s9pk: null } },
  alerts: { install: 'of an older generation' },
})

describe('a built manifest', () => {
  it('passes the check of the packer', () => {
    expect(parseManifest(JSON.parse(JSON.stringify(buildManifest(versions, authored))))).toMatchObject({
      id: 'built',
      version: '2.0:1',
      canMigrateFrom: '<=2.0:1',
      satisfies: ['#x:2.0:0'],
      releaseNotes: { en_US: 'New' },
      marketingUrl: null,
      gitHash: null,
    })
  })

  it('fills in architectures and what stands in for a missing one', () => {
    const { images, hardwareRequirements } = buildManifest(versions, authored)
    expect(images['any']).toMatchObject({
      arch: ['aarch64', 'x86_64', 'riscv64'],
      emulateMissingAs: 'x86_64',
    })
    expect(images['native']?.emulateMissingAs).toBeNull()
    expect(images['arm']?.emulateMissingAs).toBe('aarch64')
    expect(hardwareRequirements).toEqual({ device: [], ram: null, arch: ['aarch64', 'x86_64'] })
  })

  it('drops keys of older generations', () => {
    expect(buildManifest(versions, authored)).not.toHaveProperty('alerts')
  })
})
