import { inject, Injectable, type Signal, signal } from '@angular/core'
import { EN } from './en.ts'

/** Every text of the interface; another language is another value of this type. */
export type Text = typeof EN

@Injectable({ providedIn: 'root' })
export class Texts {
  readonly current = signal<Text>(EN)
}

/** The texts of the chosen language, for a component’s `t`. */
export function injectTexts(): Signal<Text> {
  return inject(Texts).current.asReadonly()
}
