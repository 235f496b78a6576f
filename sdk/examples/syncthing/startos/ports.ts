export const UI_PORT = 8384
/** Where other devices connect to. */
export const SYNC_PORT = 22000
