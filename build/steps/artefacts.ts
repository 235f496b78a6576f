import { join } from 'node:path'
import { buildRuntime } from '../../container-runtime/build.ts'
import { buildWeb } from '../../web/build.ts'
import { buildRootfs } from '../rootfs/index.ts'
import { CACHE, NODE, ROOT } from './paths.ts'
import { say, step } from './say.ts'

/** Everything that startd is given at start besides its own sources. */
export interface Artefacts {
  /** Squashfs of the container runtime's Debian. */
  rootfs: string
  /** The native helper for the host. */
  helper: string
  /** Directory with the bundled container runtime. */
  runtime: string
  /** Directory with the built web UI. */
  web: string
}

/** Builds what is missing or has changed; each part is cached by the content that it is made from. */
export async function buildArtefacts(): Promise<Artefacts> {
  const runtime = join(ROOT, 'container-runtime/dist')
  const web = join(ROOT, 'web/dist')
  const { squashfs, helper } = await step('Container root file system (a minimal Debian with Node)', () =>
    buildRootfs({ cacheDir: CACHE, nodeBinary: NODE, log: (line) => say(`  ${line}`) }),
  )
  await step('Container runtime', () => buildRuntime(runtime))
  await step('Web pages', () => buildWeb({ outDir: web }))
  return { rootfs: squashfs, helper, runtime, web }
}
