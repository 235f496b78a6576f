/**
 * Every application error of the control plane: number, name and the label that a person reads
 * (rpc.md §5). The numbers are on the wire; retired ones are left out.
 */
export const ERROR_KINDS = {
  Unknown: [1, 'Something went wrong'],
  Filesystem: [2, 'File system error'],
  Docker: [3, 'Container error'],
  ConfigSpecViolation: [4, 'Settings do not fit'],
  ConfigRulesViolation: [5, 'Settings break a rule'],
  NotFound: [6, 'Not found'],
  IncorrectPassword: [7, 'Wrong password'],
  VersionIncompatible: [8, 'Incompatible version'],
  Network: [9, 'Network error'],
  Registry: [10, 'Registry error'],
  Serialization: [11, 'Data could not be written'],
  Deserialization: [12, 'Data could not be read'],
  Utf8: [13, 'Text is not UTF-8'],
  ParseVersion: [14, 'Not a version'],
  IncorrectDisk: [15, 'Wrong disk'],
  Dependency: [17, 'Dependency error'],
  ParseS9pk: [18, 'Not a usable package file'],
  ParseUrl: [19, 'Not a URL'],
  DiskNotAvailable: [20, 'Disk not available'],
  BlockDevice: [21, 'Block device error'],
  Pack: [23, 'Packing failed'],
  ValidateS9pk: [24, 'Package is not valid'],
  DiskCorrupted: [25, 'Disk is damaged'],
  ConfigGen: [27, 'Settings could not be made'],
  ParseNumber: [28, 'Not a number'],
  Database: [29, 'Database error'],
  InvalidId: [30, 'Not a valid id'],
  InvalidSignature: [31, 'Signature check failed'],
  Backup: [32, 'Backup failed'],
  Restore: [33, 'Restore failed'],
  Authorization: [34, 'Not logged in'],
  AutoConfigure: [35, 'Automatic set-up failed'],
  Action: [36, 'Action failed'],
  RateLimited: [37, 'Too many attempts'],
  InvalidRequest: [38, 'This cannot be done'],
  MigrationFailed: [39, 'Migration failed'],
  Uninitialized: [40, 'Not ready'],
  ParseNetAddress: [41, 'Not a network address'],
  ParseSshKey: [42, 'Not an SSH key'],
  SoundError: [43, 'Sound error'],
  ParseTimestamp: [44, 'Not a time'],
  ParseSysInfo: [45, 'System information could not be read'],
  Wifi: [46, 'Wi-Fi error'],
  Journald: [47, 'Log error'],
  DiskManagement: [48, 'Disk management error'],
  OpenSsl: [49, 'Certificate error'],
  PasswordHashGeneration: [50, 'Password could not be stored'],
  DiagnosticMode: [51, 'In diagnostic mode'],
  ParseDbField: [52, 'Database field could not be read'],
  Duplicate: [53, 'Already exists'],
  MultipleErrors: [54, 'Several errors'],
  Incoherent: [55, 'State has changed underway'],
  InvalidBackupTargetId: [56, 'Not a backup target'],
  ProductKeyMismatch: [57, 'Product key does not match'],
  LanPortConflict: [58, 'Port already in use'],
  Javascript: [59, 'Error in the package’s code'],
  Pem: [60, 'Not a PEM key'],
  TLSInit: [61, 'TLS could not start'],
  Ascii: [62, 'Text is not ASCII'],
  MissingHeader: [63, 'Header missing'],
  Grub: [64, 'Boot loader error'],
  Systemd: [65, 'System service error'],
  OpenSsh: [66, 'SSH error'],
  Zram: [67, 'Compressed memory error'],
  Lshw: [68, 'Hardware listing failed'],
  CpuSettings: [69, 'Processor settings error'],
  Firmware: [70, 'Firmware error'],
  Timeout: [71, 'Took too long'],
  Lxc: [72, 'Container could not be run'],
  Cancelled: [73, 'Cancelled'],
  Git: [74, 'Git error'],
  DBus: [75, 'D-Bus error'],
  InstallFailed: [76, 'Install failed'],
  UpdateFailed: [77, 'Update failed'],
  Smtp: [78, 'Mail could not be sent'],
  SetSysInfo: [79, 'System setting could not be changed'],
  Bios: [80, 'BIOS error'],
  /** Ours, far from the numbers that the protocol may still give away: declared, but not built yet. */
  NotYet: [180, 'Not possible yet'],
} as const satisfies Record<string, readonly [number, string]>

export type ErrorKind = keyof typeof ERROR_KINDS

const KIND_OF = new Map<number, ErrorKind>(
  Object.entries(ERROR_KINDS).map(([kind, [code]]) => [code, kind as ErrorKind]),
)

/** The error object of a JSON-RPC answer. `data` is a string for protocol errors, an object for application errors. */
export interface RpcErrorObject {
  code: number
  message: string
  data?: unknown
}

/**
 * An error that reaches a person or a program outside: a coded kind, and `details` that say what
 * happened and what to do. `info` is machine-readable; the cause is chained for the log.
 */
export class CodedError extends Error {
  readonly kind: ErrorKind
  readonly details: string
  readonly info: unknown

  constructor(kind: ErrorKind, details: string, options: { cause?: unknown; info?: unknown } = {}) {
    super(`${ERROR_KINDS[kind][1]}: ${details}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'CodedError'
    this.kind = kind
    this.details = details
    this.info = options.info ?? null
  }

  get code(): number {
    return ERROR_KINDS[this.kind][0]
  }

  /** The wire form: label, details, and no stack (`debug` carries only the cause's text). */
  toRpc(): RpcErrorObject {
    const debug = this.cause instanceof Error ? this.cause.message : ''
    return {
      code: this.code,
      message: ERROR_KINDS[this.kind][1],
      data: { details: this.details, debug, info: this.info },
    }
  }
}

/** JSON-RPC 2.0 protocol error numbers (rpc.md §5). */
export const RPC_CODES = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
} as const

/** The kind of an error that arrived over the wire (rpc.md §5): known numbers keep it. */
export function kindOfCode(code: number): ErrorKind {
  const known = KIND_OF.get(code)
  if (known) return known
  if (code === RPC_CODES.methodNotFound) return 'NotFound'
  if (code === RPC_CODES.parse || code === RPC_CODES.invalidParams || code === RPC_CODES.invalidRequest) {
    return 'Deserialization'
  }
  return 'Unknown'
}

/** The text to show for an error answer, from either form of `data`. */
export function detailsOf(error: RpcErrorObject): string {
  if (typeof error.data === 'string') return error.data
  if (error.data !== null && typeof error.data === 'object' && 'details' in error.data) {
    return String(error.data.details)
  }
  return error.message
}
