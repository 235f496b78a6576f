#!/usr/bin/env node
import { run } from '../src/tool/main.ts'

// Whoever reads the output may stop early, as `head` does.
process.stdout.on('error', () => process.exit(1))
process.exitCode = await run(process.argv.slice(2))
