import { computed, inject, Injectable, signal } from '@angular/core'
import { TUI_DARK_MODE } from '@taiga-ui/core'

export type ThemeChoice = 'system' | 'light' | 'dark'

const KEY = 'startd.theme'

/** Light, dark, or as the system says; a choice is remembered by this browser. */
@Injectable({ providedIn: 'root' })
export class Theme {
  readonly #dark = inject(TUI_DARK_MODE)
  readonly #choice = signal<ThemeChoice>(read(localStorage.getItem(KEY)))
  readonly choice = this.#choice.asReadonly()
  readonly isDark = computed(() => this.#dark())

  constructor() {
    this.#apply()
  }

  choose(choice: ThemeChoice): void {
    localStorage.setItem(KEY, choice)
    this.#choice.set(choice)
    this.#apply()
  }

  #apply(): void {
    const choice = this.#choice()
    if (choice === 'system') this.#dark.reset()
    else this.#dark.set(choice === 'dark')
  }
}

function read(saved: string | null): ThemeChoice {
  return saved === 'light' || saved === 'dark' ? saved : 'system'
}
