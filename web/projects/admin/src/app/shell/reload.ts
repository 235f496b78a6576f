import { ChangeDetectionStrategy, Component, DestroyRef, inject } from '@angular/core'
import { TuiLoader } from '@taiga-ui/core'

const PAUSE = 800

/** Stands in for a page whose code did not arrive: loads everything once more. */
@Component({
  selector: 'sd-reload',
  imports: [TuiLoader],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<tui-loader size="xl" />`,
  styles: `
    :host {
      margin: auto;
    }
  `,
})
export class Reload {
  constructor() {
    const timer = setTimeout(() => location.reload(), PAUSE)
    inject(DestroyRef).onDestroy(() => clearTimeout(timer))
  }
}
