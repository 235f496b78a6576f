/** Bounds that no honest package comes near, checked before bytes are fetched (s9pk.md §5.2). */
export const LIMITS = {
  /** Largest root table of contents when no commitment says otherwise (the reference's own limit). */
  rootTable: 1024 * 1024,
  table: 4 * 1024 * 1024,
  allTables: 16 * 1024 * 1024,
  entries: 100_000,
  depth: 32,
  name: 1024 * 1024,
  manifest: 16 * 1024 * 1024,
  /** Files that are held in memory as a whole: icon, licence, instructions, metadata. */
  document: 16 * 1024 * 1024,
} as const
