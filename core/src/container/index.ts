export type {
  Container,
  ContainerDriver,
  ContainerExit,
  ContainerOptions,
  ContainerStats,
  DriverOptions,
  ExecOptions,
  ExecResult,
  HostProblem,
  IdmapMode,
  IdRange,
  VolumeMountOptions,
} from './contract.ts'
export { LxcDriver } from './driver.ts'
export { RUN_ROOT } from './instance.ts'
