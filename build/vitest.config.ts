import { defineConfig } from 'vitest/config'
import { ROOT } from './steps/paths.ts'

const exclude = ['**/node_modules/**', '**/dist/**', '**/javascript/**']

/**
 * Three tiers by file name: pure (`x.test.ts`, any number at once), real parts as root
 * (`x.integration.test.ts`) and whole pages in Chromium (`x.e2e.test.ts`), the last two one file at a time.
 */
export default defineConfig({
  root: ROOT,
  test: {
    projects: [
      {
        root: ROOT,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...exclude, '**/*.integration.test.ts', '**/*.e2e.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        root: ROOT,
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude,
          fileParallelism: false,
          pool: 'forks',
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        root: ROOT,
        test: {
          name: 'e2e',
          include: ['**/*.e2e.test.ts'],
          exclude,
          fileParallelism: false,
          pool: 'forks',
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
