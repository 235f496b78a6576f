import type { Migration } from '@startd/patch-db'
import { packageTrust } from './package-trust.ts'

/**
 * The steps that bring the database of an older startd up to date, oldest first. New ones go to the end; none is ever
 * renamed, moved or removed, because databases remember which they have been through. A step sees the document as
 * the step before left it, not as today's types describe it, and must cope with one that has no trace of what it
 * adds as well as with one that already has it.
 */
export const MIGRATIONS: readonly Migration[] = [packageTrust]
