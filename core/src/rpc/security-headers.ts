/**
 * Headers of every answer. What may be kept, shown or loaded by others says so itself: pages, their files, and
 * files of packages.
 */
export const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

/**
 * Further headers of pages and their files. Styles may be inline because the interface's components bring theirs at run time;
 * scripts may not, except those of `index.html` that are named by their hash.
 */
export function pageHeaders(scriptHashes: readonly string[]): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'self'",
      `script-src ${["'self'", "'wasm-unsafe-eval'", ...scriptHashes].join(' ')}`,
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self' data:",
      "connect-src 'self'",
      "object-src 'none'",
      "base-uri 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
  }
}
