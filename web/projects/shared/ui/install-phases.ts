import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core'
import { TuiIcon, TuiLoader } from '@taiga-ui/core'
import type { FullProgress } from '@startd/base/progress.ts'
import { injectTexts } from '../i18n/texts.ts'
import { progressRows } from '../status/install-progress.ts'
import { bytesText } from '@startd/base/bytes-text.ts'
import { ProgressBar } from './progress-bar.ts'

/** The steps of a long job, as they happen. */
@Component({
  selector: 'sd-install-phases',
  imports: [ProgressBar, TuiIcon, TuiLoader],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ol>
      @for (row of rows(); track row.name) {
        <li [attr.data-state]="row.state">
          @switch (row.state) {
            @case ('done') {
              <tui-icon icon="@tui.circle-check" />
            }
            @case ('running') {
              <tui-loader size="s" />
            }
            @default {
              <i></i>
            }
          }
          <span class="grow">
            <span class="row">
              <span class="grow">{{ t().progress.names[row.name] ?? row.name }}</span>
              <small>
                @if (row.state === 'running' && row.bytes && row.bytes.total) {
                  {{ t().sideload.uploadedOf(size(row.bytes.done), size(row.bytes.total)) }}
                } @else if (row.state === 'running' && row.ratio !== null) {
                  {{ percent(row.ratio) }}
                } @else if (row.state === 'done') {
                  {{ t().progress.done }}
                }
              </small>
            </span>
            @if (row.state === 'running') {
              <sd-bar [ratio]="row.ratio" [label]="row.name" />
            }
          </span>
        </li>
      }
    </ol>
  `,
  styles: `
    ol {
      display: flex;
      flex-direction: column;
      gap: 0.875rem;
    }
    li {
      display: flex;
      gap: 0.75rem;
      align-items: flex-start;
    }
    li[data-state='waiting'] {
      color: var(--tui-text-tertiary);
    }
    tui-icon,
    i,
    tui-loader {
      inline-size: 1.25rem;
      block-size: 1.25rem;
      font-size: 1.25rem;
      flex-shrink: 0;
      margin-block-start: 0.125rem;
    }
    tui-icon {
      color: var(--sd-positive-dot);
    }
    i {
      border: 2px solid var(--sd-line-strong);
      border-radius: 50%;
      scale: 0.8;
    }
    small {
      color: var(--sd-text-2);
      font-variant-numeric: tabular-nums;
    }
    sd-bar {
      margin-block-start: 0.375rem;
    }
  `,
})
export class InstallPhases {
  protected readonly t = injectTexts()
  readonly progress = input.required<FullProgress>()
  protected readonly rows = computed(() => progressRows(this.progress()))
  protected readonly size = bytesText
  protected readonly percent = (ratio: number) => `${Math.floor(ratio * 100)} %`
}
