import { ChangeDetectionStrategy, Component, computed, input, signal } from '@angular/core'

/** A package’s icon, as an image only (scripts in an SVG do not run there); its initial where there is none. */
@Component({
  selector: 'sd-service-icon',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (source(); as src) {
      <img [src]="src" alt="" (error)="broken.set(true)" />
    } @else {
      <span aria-hidden="true">{{ initial() }}</span>
    }
  `,
  styles: `
    :host {
      --size: var(--sd-icon-size, 3rem);
      display: grid;
      place-items: center;
      inline-size: var(--size);
      block-size: var(--size);
      border-radius: calc(var(--size) * 0.26);
      overflow: hidden;
      flex-shrink: 0;
      background: var(--sd-accent-soft);
      color: var(--sd-accent);
      font-weight: 700;
      font-size: calc(var(--size) * 0.42);
    }
    :host(:has(img)) {
      background: none;
    }
    img {
      inline-size: 100%;
      block-size: 100%;
      object-fit: contain;
    }
  `,
})
export class ServiceIcon {
  readonly icon = input<string | null | undefined>(null)
  readonly name = input('')
  protected readonly broken = signal(false)
  protected readonly source = computed(() => {
    const icon = this.icon()
    return icon && !this.broken() && /^(data:image\/|\/|blob:)/.test(icon) ? icon : null
  })
  protected readonly initial = computed(() => this.name().slice(0, 1).toUpperCase() || '·')
}
