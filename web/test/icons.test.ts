import { readFile } from 'node:fs/promises'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const PROJECTS = join(import.meta.dirname, '../projects')
/** What Taiga's own controls draw under their own names. */
const TAIGA = ['check', 'chevron-left', 'chevron-right', 'circle-alert', 'ellipsis', 'search', 'x']

it('compiles in every icon that is drawn, and no other', async () => {
  const drawn = new Set(TAIGA)
  for await (const file of glob('**/*.{ts,html}', { cwd: PROJECTS })) {
    if (file.endsWith('icons.ts')) continue
    const source = await readFile(join(PROJECTS, file), 'utf8')
    for (const [, name = ''] of source.matchAll(/@tui\.([a-z0-9-]+)/g)) drawn.add(name)
  }
  const registry = await readFile(join(PROJECTS, 'shared/icons.ts'), 'utf8')
  const compiledIn = [...registry.matchAll(/'@tui\.([a-z0-9-]+)':/g)].map(([, name]) => name)
  expect(compiledIn.sort()).toEqual([...drawn].sort())
})
