export { AuthorizedKeys } from './authorized-keys.ts'
export { forgetAuthorizedKeys, openAuthorizedKeys } from './place.ts'
export { parsePublicKey, type PublicKey } from './public-key.ts'
