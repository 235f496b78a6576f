import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DeviceInfo } from '@startd/base/rpc/server.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clockIsSynced } from './clock.ts'
import { deviceInfo } from './device-info.ts'
import { governors, setGovernor } from './governor.ts'
import { findDevices } from './hardware.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'startd-machine-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

describe('the devices of a machine', () => {
  it('are one processor of each kind, and its graphics with their driver', async () => {
    const core = (number: number) =>
      `processor\t: ${number}\nvendor_id\t: GenuineIntel\nmodel name\t: Some CPU\nflags\t\t: fpu vme\n`
    write('proc/cpuinfo', `${core(0)}\n${core(1)}\n`)
    write('sys/class/drm/card0/device/vendor', '0x8086\n')
    write('sys/class/drm/card0/device/device', '0x46a6\n')
    symlinkSync('../../../../bus/pci/drivers/i915', join(root, 'sys/class/drm/card0/device/driver'))
    write('sys/class/drm/card0-HDMI-A-1/status', 'connected\n')
    expect(await findDevices(root)).toEqual([
      { class: 'processor', product: 'Some CPU', vendor: 'GenuineIntel', capabilities: ['fpu', 'vme'] },
      { class: 'display', product: '0x46a6', vendor: '0x8086', capabilities: [], driver: 'i915' },
    ])
  })

  it('are known of this machine too, and none where the kernel tells nothing', async () => {
    const found = await findDevices()
    expect(found.map((device) => device.class)).toContain('processor')
    const info = deviceInfo({ version: '0.4.0', compat: '*', language: null }, found)
    expect(DeviceInfo.parse(info)).toEqual(info)
    expect(await findDevices(root)).toEqual([])
  })
})

describe('the governor of the processor', () => {
  it('is chosen for all cores, among what all of them offer', async () => {
    for (const cpu of ['cpu0', 'cpu1']) {
      write(`sys/devices/system/cpu/${cpu}/cpufreq/scaling_governor`, 'performance\n')
      const offers = cpu === 'cpu0' ? 'performance powersave ondemand\n' : 'performance powersave\n'
      write(`sys/devices/system/cpu/${cpu}/cpufreq/scaling_available_governors`, offers)
    }
    expect(await governors(root)).toEqual({ current: 'performance', available: ['performance', 'powersave'] })
    await setGovernor('powersave', root)
    const path = join(root, 'sys/devices/system/cpu/cpu1/cpufreq/scaling_governor')
    expect(readFileSync(path, 'utf8')).toBe('powersave')
    await expect(setGovernor('ondemand', root)).rejects.toMatchObject({ kind: 'InvalidRequest' })
  })

  it('is nobody’s choice on a machine that has none', async () => {
    expect(await governors(root)).toEqual({ current: null, available: [] })
    await expect(setGovernor('powersave', root)).rejects.toMatchObject({ kind: 'InvalidRequest' })
  })
})

it('the clock is known to be right, known to be wrong, or unknown; asking never fails', async () => {
  expect([true, false, null]).toContain(await clockIsSynced())
})
