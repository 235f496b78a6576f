import type { ElementRef } from '@angular/core'
import { ChangeDetectionStrategy, Component, computed, inject, signal, viewChild } from '@angular/core'
import { RouterLink } from '@angular/router'
import { TuiAppearance, TuiButton, TuiIcon } from '@taiga-ui/core'
import { injectTexts } from '../../../../shared/i18n/texts.ts'
import { Model, titleOf } from '../../../../shared/live/model.ts'
import { EmptyState } from './empty-state.ts'
import { ServiceCard } from './service-card.ts'

/** Below this many services a search box is only in the way. */
const SEARCH_FROM = 5

/** The home page: every service one press away. */
@Component({
  selector: 'sd-services',
  imports: [RouterLink, TuiAppearance, TuiButton, TuiIcon, EmptyState, ServiceCard],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './services-page.html',
  styleUrl: './services-page.css',
  host: { '(document:keydown)': 'onKey($event)' },
})
export class ServicesPage {
  protected readonly t = injectTexts()
  protected readonly model = inject(Model)
  protected readonly query = signal('')
  protected readonly searchable = computed(() => this.model.services().length >= SEARCH_FROM)
  protected readonly shown = computed(() => {
    const query = this.query().trim().toLocaleLowerCase()
    if (!query) return this.model.services()
    return this.model
      .services()
      .filter(({ id, entry }) => `${titleOf(entry)} ${id}`.toLocaleLowerCase().includes(query))
  })
  protected readonly searchBox = viewChild<ElementRef<HTMLInputElement>>('search')

  protected onKey(event: KeyboardEvent): void {
    const typing = (event.target as HTMLElement).closest('input, textarea, select, [contenteditable]')
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
    const search = this.searchBox()?.nativeElement
    if (!search) return
    event.preventDefault()
    search.focus()
  }
}
