import { machine, totalmem } from 'node:os'
import type { DeviceInfo, LshwDevice } from '@startd/base/rpc/server.ts'

/** What registries and packages may know of this machine. */
export function deviceInfo(
  os: { version: string; compat: string; language: string | null },
  devices: LshwDevice[],
): DeviceInfo {
  // Linux's names of processors are those that packages use.
  const architecture = machine()
  return {
    os: { ...os, platform: architecture },
    hardware: { arch: architecture, ram: totalmem(), devices },
  }
}
