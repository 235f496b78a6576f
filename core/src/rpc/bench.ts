export { bench, type BenchLine } from '../../bench/api.ts'
