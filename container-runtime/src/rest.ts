/** How long the package must have been quiet. */
const QUIET = 3000

/**
 * Gives memory back after a burst of work: loading a package leaves some 6 MB of garbage that V8 would
 * keep, because a service at rest allocates too little to make it look. Needs `--expose-gc`.
 */
export class Rest {
  #timer: NodeJS.Timeout | undefined

  /** Work has been done; when no more comes, memory is given back. */
  after(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' }),
      QUIET,
    )
    this.#timer.unref()
  }
}
