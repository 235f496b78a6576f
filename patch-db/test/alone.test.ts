import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from './temporary.ts'

const HOME = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as {
  readonly exports: { readonly [entry: string]: string }
  readonly dependencies: { readonly [name: string]: string }
}
const ROOMS = ['src', 'client', 'bin']

function sources(): { file: string; text: string }[] {
  return ROOMS.flatMap((room) =>
    readdirSync(join(HOME, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({ file: join(room, name), text: readFileSync(join(HOME, room, name), 'utf8') })),
  )
}

/** The package somewhere else, with what it declares to need and nothing more, and a program that uses it. */
function moveOut(): string {
  const directory = temporaryDirectory()
  const home = join(directory, 'patch-db')
  for (const room of [...ROOMS, 'package.json'])
    cpSync(join(HOME, room), join(home, room), { recursive: true })
  mkdirSync(join(home, 'node_modules'))
  const find = createRequire(join(HOME, 'package.json'))
  for (const name of Object.keys(manifest.dependencies)) {
    const found = find.resolve.paths(name)?.find((place) => existsSync(join(place, name)))
    symlinkSync(realpathSync(join(found ?? '', name)), join(home, 'node_modules', name))
  }
  const program = join(directory, 'program')
  mkdirSync(join(program, 'node_modules/@startd'), { recursive: true })
  symlinkSync(home, join(program, 'node_modules/@startd/patch-db'))
  return program
}

describe('the package', () => {
  it('imports nothing but Node, itself and what it declares', () => {
    const allowed = new Set(Object.keys(manifest.dependencies))
    for (const { file, text } of sources())
      for (const [, from = ''] of text.matchAll(
        /^(?:import|export)[^'\n]*(?:\n[^'\n]+)*? from '([^']+)'/gm,
      )) {
        const inside = from.startsWith('.') && !join(dirname(file), from).startsWith('..')
        const bare = from.split('/')[0] ?? ''
        expect(inside || from.startsWith('node:') || allowed.has(bare), `${file} imports ${from}`).toBe(true)
      }
  })

  it('runs the example of its README as a program, far from everything else', async () => {
    const program = moveOut()
    const example = /```ts\n(import \{ PatchDb \}[^]*?)```/.exec(
      readFileSync(join(HOME, 'README.md'), 'utf8'),
    )?.[1]
    expect(example?.trim().split('\n').length).toBeLessThanOrEqual(12)
    writeFileSync(join(program, 'main.ts'), example ?? '')
    const run = promisify(execFile)
    const { stdout, stderr } = await run(process.execPath, ['main.ts'], { cwd: program })
    expect(stdout).toContain('{"id":1,"patch":[{"op":"add","path":"/stock/tea","value":12}]}')
    expect(stdout).not.toContain('till')
    expect(stderr).toBe('')
  })

  it('explains every name that it exports', () => {
    const all = sources()
    const unexplained: string[] = []
    for (const entry of Object.values(manifest.exports)) {
      const text = readFileSync(join(HOME, entry), 'utf8')
      for (const [, names = '', from = ''] of text.matchAll(/export (?:type )?\{([^}]+)\} from '([^']+)'/g)) {
        const source = all.find(({ file }) => file === join(dirname(entry), from))?.text ?? ''
        for (const name of names.split(',').map((part) => part.replace('type ', '').trim())) {
          const explained = new RegExp(
            `\\*/\\nexport (async )?(type|class|function|const|interface) ${name}\\b`,
          )
          if (name !== '' && !explained.test(source)) unexplained.push(`${name} in ${from}`)
        }
      }
    }
    expect(unexplained).toEqual([])
  })
})
