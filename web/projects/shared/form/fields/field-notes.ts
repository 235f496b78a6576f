import { ChangeDetectionStrategy, Component, computed } from '@angular/core'
import { TuiIcon } from '@taiga-ui/core'
import type { FieldSpec } from '../spec.ts'
import { BoundField } from './bound-field.ts'

interface Texts {
  description?: string | null
  warning?: string | null
  footnote?: string | null
  immutable?: boolean
}

/** What stands below a control: problem, description, warning, lock, footnote. Plain text, whatever a package sends. */
@Component({
  selector: 'sd-field-notes',
  imports: [TuiIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div [id]="notes()">
      @if (problem(); as text) {
        <p class="field-error" role="alert">{{ text }}</p>
      }
      @if (lock(); as text) {
        <p class="field-hint"><tui-icon icon="@tui.info" aria-hidden="true" />{{ text }}</p>
      }
      @if (texts().description; as text) {
        <p class="field-hint">{{ text }}</p>
      }
      @if (warning(); as text) {
        <p class="warning"><tui-icon icon="@tui.triangle-alert" aria-hidden="true" />{{ text }}</p>
      }
      @if (texts().footnote; as text) {
        <p class="field-hint">{{ text }}</p>
      }
    </div>
  `,
  styles: `
    div {
      display: flex;
      flex-direction: column;
      gap: 0.25rem;
    }
    div:empty {
      display: none;
    }
    p {
      white-space: pre-line;
      overflow-wrap: anywhere;
    }
    tui-icon {
      font-size: 0.9375rem;
      margin-inline-end: 0.375rem;
      vertical-align: -0.1875rem;
    }
    .warning {
      font-size: 0.8125rem;
      color: var(--sd-warning);
    }
  `,
})
export class FieldNotes extends BoundField<FieldSpec> {
  protected readonly texts = computed((): Texts => {
    const spec = this.spec()
    return spec.type === 'hidden' ? {} : spec
  })
  /** Shown once the field was changed: then it matters. */
  protected readonly warning = computed(() => {
    const { warning, immutable } = this.texts()
    if (!this.form().hasChanged(this.path())) return null
    return [warning, immutable ? this.t().form.lockWarning : null].filter(Boolean).join(' ') || null
  })
  protected readonly lock = computed(() => {
    const reason = this.form().lockOf(this.spec(), this.path())
    return reason === '' ? this.t().form.locked : reason
  })
}
