import { existsSync } from 'node:fs'
import { execa } from 'execa'

/** Switches the whole machine, where the owner has said that startd may (`--manage-power`). */
export interface MachinePower {
  switch(kind: 'restart' | 'shutdown'): Promise<void>
}

/** The programs that switch a machine: that of systemd where it runs, else the old one. */
export function powerCommand(kind: 'restart' | 'shutdown', systemd: boolean): readonly [string, ...string[]] {
  if (systemd) return ['systemctl', kind === 'restart' ? 'reboot' : 'poweroff']
  return ['/sbin/shutdown', kind === 'restart' ? '-r' : '-h', 'now']
}

/** The real one. Nothing but `startd-program.ts` may make it, and only for the flag. */
export function machinePower(): MachinePower {
  return {
    async switch(kind) {
      const [program, ...args] = powerCommand(kind, existsSync('/run/systemd/system'))
      await execa(program, args, { stdin: 'ignore' })
    },
  }
}
