import type { Manifest } from '@startd/base/manifest.ts'
import type { Text } from '../../../../shared/i18n/texts.ts'
import { bytesText } from '@startd/base/bytes-text.ts'

export interface Permission {
  icon: string
  text: string
  /** More than what every service gets. */
  isSpecial: boolean
}

/** What a package may use, in plain words. */
export function permissionsOf(manifest: Manifest, text: Text['sideload']): Permission[] {
  const { volumes, hardwareAcceleration, userspaceFilesystems, virtualNetworking, dependencies } = manifest
  const needed = Object.entries(dependencies).map(([id]) => id)
  const { ram } = manifest.hardwareRequirements
  return [
    { icon: '@tui.shield', text: text.sandbox, isSpecial: false },
    ...(volumes.length > 0
      ? [{ icon: '@tui.hard-drive', text: text.volumes(volumes.length), isSpecial: false }]
      : []),
    ...(needed.length > 0
      ? [{ icon: '@tui.link', text: text.dependsOn(needed.join(', ')), isSpecial: false }]
      : []),
    ...(ram ? [{ icon: '@tui.cpu', text: text.ram(bytesText(ram)), isSpecial: false }] : []),
    ...(hardwareAcceleration ? [{ icon: '@tui.cpu', text: text.hardware, isSpecial: true }] : []),
    ...(userspaceFilesystems ? [{ icon: '@tui.hard-drive', text: text.filesystems, isSpecial: true }] : []),
    ...(virtualNetworking ? [{ icon: '@tui.globe', text: text.networking, isSpecial: true }] : []),
  ]
}
