export { PatchDbClient, type ClientOptions, type Update } from './patch-db-client.ts'
export { connect, type Connection, type ConnectOptions, type PatchDbTransport } from './connect.ts'
export type { Dump, Patch, PatchOp, Revision } from '../src/patch.ts'
export type { At, Key } from '../src/paths.ts'
