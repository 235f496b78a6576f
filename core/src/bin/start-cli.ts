#!/usr/bin/env node
import { keepCompiled } from './compile-cache.ts'

process.stdout.on('error', () => process.exit(0))
keepCompiled()
const { main } = await import('../cli/main.ts')
const { MODEL_VERSION } = await import('../db/version.ts')
process.exitCode = await main(process.argv.slice(2), MODEL_VERSION)
