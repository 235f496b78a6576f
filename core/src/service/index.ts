export type {
  DownloadOptions,
  InstallOptions,
  LogEntry,
  LogPage,
  LogQuery,
  LogStream,
  ServiceControl,
  ServiceStats,
  UninstallOptions,
} from './contract.ts'
export { Services, type ServicesOptions } from './services.ts'
