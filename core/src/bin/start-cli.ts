#!/usr/bin/env node
import { main } from '../cli/main.ts'
import { MODEL_VERSION } from '../db/version.ts'

process.stdout.on('error', () => process.exit(0))
process.exitCode = await main(process.argv.slice(2), MODEL_VERSION)
