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
} from './contract.ts'
