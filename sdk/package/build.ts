import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Every package must run on this Node or newer. */
const TARGET = 'node20'
/** Where a project finds the SDK when it has none of its own: beside this file. */
const OWN_MODULES = join(import.meta.dirname, '../../node_modules')
/** zod carries its messages in every language; forms are checked in the browser's. */
const ONE_LANGUAGE = /zod\/v4\/locales\/index\.js$/

export interface Bundle {
  /** `javascript/index.js` of the project. */
  path: string
  size: number
  /** Every file that went into it. */
  inputs: string[]
}

/**
 * Bundles `startos/index.ts` of a package project, with the SDK and everything else that it imports, into
 * the one CommonJS file `javascript/index.js`. Names are kept, so that stack traces can be read.
 */
export async function bundlePackage(directory: string): Promise<Bundle> {
  const output = join(directory, 'javascript')
  const path = join(output, 'index.js')
  await rm(output, { recursive: true, force: true })
  const { metafile } = await build({
    entryPoints: [join(directory, 'startos/index.ts')],
    outfile: path,
    bundle: true,
    platform: 'node',
    nodePaths: [OWN_MODULES],
    format: 'cjs',
    target: TARGET,
    // Names of functions and variables stay; only blanks and dead code go.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // The error that is thrown says all of it.
    logLevel: 'silent',
    metafile: true,
    plugins: [
      {
        name: 'one-language',
        setup(bundler) {
          bundler.onLoad({ filter: ONE_LANGUAGE }, () => ({
            contents: 'export { default as en } from "./en.js"',
            loader: 'js',
          }))
        },
      },
    ],
  })
  // Whatever project it lies in, it is CommonJS. The packer bundles anew only what was made here.
  await writeFile(join(output, 'package.json'), '{"type":"commonjs","bundledBy":"@startd/sdk"}\n')
  const { size } = await stat(path)
  return { path, size, inputs: Object.keys(metafile.inputs) }
}
