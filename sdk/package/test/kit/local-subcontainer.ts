import type { ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { type CommandType, argvOf } from '../../src/subcontainer/command.ts'
import { collect, start } from '../../src/subcontainer/process.ts'
import type { ExecOptions, SpawnOptions, SubContainerEager } from '../../src/subcontainer/subcontainer.ts'

/** Runs commands as processes of this machine, where a test has no container: the chain cannot tell. */
export function localSubcontainer(root: string): SubContainerEager & { destroyed: number } {
  const spawn = async (
    command: CommandType,
    { stdio = 'ignore' }: SpawnOptions = {},
  ): Promise<ChildProcess> => start(argvOf(command, {}), stdio)
  const exec = (command: CommandType, options?: ExecOptions | null) =>
    collect(argvOf(command, {}), { input: options?.input, timeout: options?.timeout })
  return {
    lazy: false,
    imageId: 'local',
    name: 'local',
    rootfs: root,
    guid: 'A'.repeat(32),
    destroyed: 0,
    subpath: (path) => `${root}/${path}`,
    exec,
    execFail: async (command, options) => (await exec(command, options)).throw(),
    spawn,
    launch: spawn,
    writeFile: (path, data) => writeFile(`${root}/${path}`, data),
    mount: async () => {},
    hold: () => async () => {},
    async destroy() {
      this.destroyed++
    },
    detach: () => {},
  }
}
