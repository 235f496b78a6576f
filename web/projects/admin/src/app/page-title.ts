import { effect, inject, Injectable, signal } from '@angular/core'
import { Title } from '@angular/platform-browser'
import { type RouterStateSnapshot, TitleStrategy } from '@angular/router'
import { injectTexts } from '../../../shared/i18n/texts.ts'
import { Model } from '../../../shared/live/model.ts'

/** “Page · Server”: the tab says where it leads, also before the server has told its name. */
@Injectable({ providedIn: 'root' })
export class PageTitle extends TitleStrategy {
  readonly #title = inject(Title)
  readonly #t = injectTexts()
  readonly #server = inject(Model).server
  readonly #page = signal('')

  constructor() {
    super()
    effect(() => {
      const name = this.#server()?.name || this.#t().brand
      this.#title.setTitle(this.#page() ? `${this.#page()} · ${name}` : name)
    })
  }

  /** A page that learns its own name later, such as a service. */
  set(page: string): void {
    this.#page.set(page)
  }

  override updateTitle(snapshot: RouterStateSnapshot): void {
    const key = this.buildTitle(snapshot) ?? ''
    const titles: Record<string, string> = {
      services: this.#t().services.title,
      add: this.#t().sideload.title,
      notifications: this.#t().notifications.title,
      settings: this.#t().settings.title,
    }
    this.#page.set(titles[key] ?? '')
  }
}
