import { arch, totalmem } from 'node:os'
import type { DeviceInfo } from '@startd/base/rpc/server.ts'

const ARCHITECTURES: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64', riscv64: 'riscv64' }

/** Name of this machine's processor as packages write it. */
export function machineArchitecture(): string {
  return ARCHITECTURES[arch()] ?? arch()
}

/** What registries and packages may know of this machine. */
export function deviceInfo(os: { version: string; compat: string; language: string | null }): DeviceInfo {
  const architecture = machineArchitecture()
  return {
    os: { ...os, platform: architecture },
    hardware: { arch: architecture, ram: totalmem(), devices: null },
  }
}
