#!/usr/bin/env -S node --max-semi-space-size=4
import { keepCompiled } from './compile-cache.ts'

keepCompiled()
const { startd } = await import('./startd-program.ts')
process.exit(await startd(process.argv.slice(2)))
