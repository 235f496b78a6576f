import { parentPort, workerData } from 'node:worker_threads'
import type { Jq } from 'jq-wasm'
import type { JqAnswer, JqTask } from './index.ts'

/** Exit status of jq for a program that it does not understand. */
const COMPILE_ERROR = 3
/** WebAssembly memory grows by pages. */
const PAGE = 65_536

/** Runs one jq program in a thread of its own, which its maker ends. */
const { expression, input, memory } = workerData as JqTask
limitMemory(memory)
const { loadJq } = await import('jq-wasm')
parentPort?.postMessage(run(await loadJq()))

function run(jq: Jq): JqAnswer {
  try {
    // The blank keeps the program from being read as a flag. No file of this machine is in reach.
    const { exitCode, stdout, stderr } = jq.raw(input, ` ${expression}`, ['-c'])
    const text = stderr.trim().slice(0, 2000)
    if (exitCode === 0)
      return { outcome: 'results', texts: stdout.split('\n', 3).filter((line) => line !== '') }
    return { outcome: exitCode === COMPILE_ERROR ? 'compile error' : 'failure', text }
  } catch (error) {
    return { outcome: 'failure', text: `jq gave up, probably for lack of memory (${String(error)})` }
  }
}

/** The part of the platform's WebAssembly that is needed here; Node's types leave it out. */
interface MemoryPrototype {
  buffer: ArrayBuffer
  grow: (this: MemoryPrototype, pages: number) => number
}

/** The module asks for more memory page by page; beyond the limit it is told that there is none. */
function limitMemory(bytes: number): void {
  const platform = globalThis as unknown as { WebAssembly: { Memory: { prototype: MemoryPrototype } } }
  const { prototype } = platform.WebAssembly.Memory
  const { grow } = Object.getOwnPropertyDescriptors(prototype)
  prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * PAGE > bytes) throw new RangeError('the memory for jq is used up')
    return (grow.value as MemoryPrototype['grow']).call(this, pages)
  }
}
