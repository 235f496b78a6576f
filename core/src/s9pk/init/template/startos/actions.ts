import { sdk } from './sdk.ts'

/** What the owner can do by pressing a button: add yours with `.addAction(…)`. */
export const actions = sdk.Actions.of()
