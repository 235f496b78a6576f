import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reference } from '../core/src/cli/reference.ts'
import { ROOT } from './steps/paths.ts'
import { say } from './steps/say.ts'

const path = join(ROOT, 'docs/api.md')
await writeFile(path, reference())
say(`wrote ${path}`)
