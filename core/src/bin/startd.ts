#!/usr/bin/env node
import { keepCompiled } from './compile-cache.ts'

keepCompiled()
const { startd } = await import('./startd-program.ts')
process.exit(await startd(process.argv.slice(2)))
