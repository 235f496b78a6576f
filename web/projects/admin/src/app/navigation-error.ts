import { inject } from '@angular/core'
import { type NavigationError, Router } from '@angular/router'

const PAUSE = 500
let failed: string | null = null

/** A page whose code did not arrive: asked for once more, then loaded whole (the server may have a newer build). */
export function tryAgain({ url }: NavigationError): void {
  const router = inject(Router)
  if (failed === url) return location.assign(url)
  failed = url
  setTimeout(() => {
    void router.navigateByUrl(url).then((arrived) => {
      if (arrived) failed = null
    })
  }, PAUSE)
}
