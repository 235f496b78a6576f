import { computed, inject, Injectable } from '@angular/core'
import { toSignal } from '@angular/core/rxjs-interop'
import { ActivatedRoute } from '@angular/router'
import { map } from 'rxjs'
import { interfacesOf } from '../../../../shared/address/open-address.ts'
import { Commands } from '../../../../shared/live/commands.ts'
import { manifestOf, Model } from '../../../../shared/live/model.ts'
import { statusOf } from '../../../../shared/status/status.ts'

/** The service of the page, for the page and its tabs. */
@Injectable()
export class ServiceContext {
  readonly #commands = inject(Commands)
  readonly #model = inject(Model)
  readonly id = toSignal(inject(ActivatedRoute).paramMap.pipe(map((params) => params.get('id') ?? '')), {
    initialValue: '',
  })
  readonly isLoaded = this.#model.isThere
  readonly entry = this.#model.service(this.id)
  readonly manifest = computed(() => {
    const entry = this.entry()
    return entry && manifestOf(entry)
  })
  readonly title = computed(() => this.manifest()?.title ?? this.id())
  readonly status = computed(() => {
    const entry = this.entry()
    return entry && statusOf(entry, this.#commands.pending().get(this.id()) ?? null)
  })
  readonly interfaces = computed(() => interfacesOf(this.entry()?.hosts ?? {}, location))
  /** Web pages that answer now, best address of each. */
  readonly openable = computed(() => {
    const { kind } = this.status() ?? {}
    if (kind !== 'running' && kind !== 'starting') return []
    return this.interfaces().flatMap(({ id, name, type, addresses }) =>
      type === 'ui' && addresses[0] ? [{ id, name, url: addresses[0].url }] : [],
    )
  })
}
