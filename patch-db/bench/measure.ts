/** CPU microseconds of one call: what others do on the machine doesn't count. */
export function perCall(times: number, work: () => void): number {
  const start = process.cpuUsage()
  for (let i = 0; i < times; i++) work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / times
}

export function best(times: number, measure: () => number): number {
  return Math.min(...Array.from({ length: times }, measure))
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
