import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'

export interface Governors {
  current: string | null
  available: string[]
}

const CPUS = 'sys/devices/system/cpu'

/** How the processor weighs speed against power (Linux: admin-guide/pm/cpufreq). None on machines that leave it to their host. */
export async function governors(root = '/'): Promise<Governors> {
  const cpus = await scaledCpus(root)
  const lists = await Promise.all(cpus.map((cpu) => words(join(cpu, 'scaling_available_governors'))))
  const [first = []] = lists
  const [current = null] = cpus[0] === undefined ? [] : await words(join(cpus[0], 'scaling_governor'))
  return { current, available: first.filter((name) => lists.every((list) => list.includes(name))) }
}

/** Sets it for all cores until the machine restarts. Throws InvalidRequest for a name that is not available. */
export async function setGovernor(name: string, root = '/'): Promise<void> {
  const { available } = await governors(root)
  if (!available.includes(name)) {
    const choice =
      available.length === 0
        ? 'This machine offers none: its processor is managed elsewhere'
        : `Choose one of: ${available.join(', ')}`
    throw new CodedError('InvalidRequest', `“${name}” is not available. ${choice}`)
  }
  try {
    for (const cpu of await scaledCpus(root)) await writeFile(join(cpu, 'scaling_governor'), name)
  } catch (error) {
    throw new CodedError('CpuSettings', 'The processor did not take the setting', { cause: error })
  }
}

async function scaledCpus(root: string): Promise<string[]> {
  const names = await readdir(join(root, CPUS)).catch(() => [])
  const paths = names.filter((name) => /^cpu\d+$/.test(name)).map((name) => join(root, CPUS, name, 'cpufreq'))
  const known = await Promise.all(
    paths.map(async (path) => (await words(join(path, 'scaling_governor'))).length > 0),
  )
  return paths.filter((_, index) => known[index])
}

async function words(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8').catch(() => '')).split(/\s+/).filter(Boolean)
}
