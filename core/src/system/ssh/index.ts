export { AuthorizedKeys } from './authorized-keys.ts'
export { parsePublicKey, type PublicKey } from './public-key.ts'
