import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { verify } from '../../core/src/s9pk/cli/index.ts'
import { downloadS9pk, receiveS9pk } from '../../core/src/s9pk/index.ts'

/* A process of its own for one piece of work, which tells what it has cost: `verify <file>`, `receive <file> <dir>` or
   `download <url> <dir>`. */

const RESOLUTION = 1
const [work, where = '', directory = ''] = process.argv.slice(2)
const memory = async (field: string) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(await readFile('/proc/self/status', 'utf8'))?.[1]) *
  1024

const idle = await memory('VmRSS')
const delays = monitorEventLoopDelay({ resolution: RESOLUTION })
delays.enable()
const start = performance.now()
const options = { arch: 'x86_64' }
if (work === 'verify') await verify(where)
else if (work === 'receive') await receiveS9pk(createReadStream(where), directory, options)
else await downloadS9pk([where], directory, options)
const ms = performance.now() - start
delays.disable()
const p99 = delays.percentile(99) / 1e6 - RESOLUTION
process.stdout.write(JSON.stringify({ ms, p99, above: (await memory('VmHWM')) - idle }))
