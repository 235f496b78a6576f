import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Bundles the two programs of the container, `index.js` and `cli.js`, into a directory; kept readable for stack traces in logs. */
export async function buildRuntime(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true })
  await build({
    entryPoints: ['index', 'cli'].map((name) => fileURLToPath(new URL(`src/${name}.ts`, import.meta.url))),
    outdir: outDir,
    bundle: true,
    minifySyntax: true,
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
