import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { reference } from '../../src/cli/reference.ts'

it('is the page in docs; “sh build/run.sh build/api-reference.ts” writes it anew', async () => {
  expect(await readFile(join(import.meta.dirname, '../../../docs/api.md'), 'utf8')).toBe(reference())
})
