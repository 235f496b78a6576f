export { MetricsWatch } from './watch.ts'
export { type Sample, Sampler } from './sampler.ts'
export { prometheusText } from './prometheus.ts'
