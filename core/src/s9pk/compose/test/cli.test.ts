import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { ERROR_KINDS } from '@startd/base/errors.ts'
import { FIXTURES, temporaryDirectory } from './fixtures.ts'

const PROGRAM = join(import.meta.dirname, '../../../bin/start-cli.ts')

function fromCompose(cwd: string, ...args: string[]) {
  return execa(process.execPath, [PROGRAM, 's9pk', 'from-compose', ...args], {
    cwd,
    reject: false,
    stdin: 'ignore',
  })
}

describe('start-cli s9pk from-compose', () => {
  it('writes a project, prints where it is, and says what could not be carried over', async () => {
    await using directory = await temporaryDirectory()
    const { stdout, stderr, exitCode } = await fromCompose(
      directory.path,
      join(FIXTURES, 'wiki'),
      '--title',
      'Wiki',
    )
    expect({ stdout, exitCode }).toEqual({ stdout: 'wiki', exitCode: 0 })
    expect(stderr).toContain('! line 43, services.stats-db: “stats-db” and “db” both listen on port 5432')
    expect(stderr).toContain('1 need your attention (!)')
    expect(await readFile(join(directory.path, 'wiki/startos/manifest.ts'), 'utf8')).toContain(
      "title: 'Wiki'",
    )
  })

  it('takes images of this machine, and a version', async () => {
    await using directory = await temporaryDirectory()
    const flags = ['--image', `wiki=${FIXTURES}`, '--package-version', '9.1:2', '--id', 'notes', '-o', 'out']
    const { exitCode } = await fromCompose(directory.path, join(FIXTURES, 'wiki'), ...flags)
    expect(exitCode).toBe(0)
    const read = (path: string) => readFile(join(directory.path, 'out', path), 'utf8')
    expect(await read('images.yaml')).toBe(`wiki:\n  directory: ${FIXTURES}\n`)
    expect(await read('startos/manifest.ts')).toContain("wiki: { source: 'packed'")
    expect(await read('startos/versions.ts')).toContain("version: '9.1:2'")
  })

  it('ends with the number of the error, and writes nothing', async () => {
    await using directory = await temporaryDirectory()
    const { exitCode, stderr } = await fromCompose(directory.path, '.')
    expect(exitCode).toBe(ERROR_KINDS.NotFound[0])
    expect(stderr).toContain('has no compose file')
    const wrong = await fromCompose(directory.path, join(FIXTURES, 'wiki'), '--image', 'wiki')
    expect(wrong.exitCode).not.toBe(0)
    expect(wrong.stderr).toContain('--image takes a name and a path')
  })
})
