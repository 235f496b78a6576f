import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * Flags for the container's Node, to stand before `index.js`: a small young generation, because a
 * runtime at rest allocates little and there is one in every service.
 */
export const NODE_FLAGS = ['--max-semi-space-size=1'] as const

/** Bundles the two programs of the container, `index.js` and `cli.js`, into a directory. */
export async function buildRuntime(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true })
  await build({
    entryPoints: ['index', 'cli'].map((name) => fileURLToPath(new URL(`src/${name}.ts`, import.meta.url))),
    outdir: outDir,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node26',
    format: 'cjs',
    legalComments: 'none',
    logLevel: 'error',
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildRuntime(process.argv[2] ?? fileURLToPath(new URL('dist', import.meta.url)))
}
