import type { Migration } from '@startd/patch-db'

type Before = { private: { packageSigners?: object; packageChecks?: object } }

/** Room for the keys that packages first came with, and for what reading their files through has shown. */
export const packageTrust: Migration = {
  name: '2026-11-package-trust',
  migrate: (draft: Before) => {
    draft.private.packageSigners ??= {}
    draft.private.packageChecks ??= {}
  },
}
