import { Injectable } from '@angular/core'
import type { PublicModel } from '@startd/base/model.ts'
import { PatchDbClient } from '@startd/patch-db/client'

/** This page's copy of the server's public model. */
@Injectable({ providedIn: 'root' })
export class LiveDb {
  readonly client = new PatchDbClient<PublicModel>()
  /** Whether a stream feeds the copy now. */
  isOpen = false
}
