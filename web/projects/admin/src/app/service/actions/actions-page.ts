import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { TuiIcon } from '@taiga-ui/core'
import type { ActionMetadata } from '@startd/base/service-schemas.ts'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { actionBlock } from '../overview/task-block.ts'
import { ServiceContext } from '../service-context.ts'
import { groupActions } from './action-groups.ts'
import { ActionRunner } from './action-runner.ts'

@Component({
  selector: 'sd-actions',
  imports: [TuiIcon],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './actions-page.html',
  styleUrl: './actions-page.css',
})
export class ActionsPage {
  readonly #runner = inject(ActionRunner)
  readonly #service = inject(ServiceContext)
  protected readonly t = injectTexts()
  protected readonly groups = computed(() => {
    const { general, other } = this.t().actions
    const groups = groupActions(this.#service.entry()?.actions ?? {}, { general, other })
    return groups.map(({ name, actions }) => ({
      name,
      actions: actions.map((one) => ({ ...one, blocked: this.#blockOf(one.action) })),
    }))
  })

  protected run({ id, action }: { id: string; action: ActionMetadata }): void {
    this.#runner.run({
      packageId: this.#service.id(),
      actionId: id,
      name: action.name,
      action,
      prefill: null,
    })
  }

  #blockOf(action: ActionMetadata): string | null {
    if (typeof action.visibility === 'object') return action.visibility.disabled
    const entry = this.#service.entry()
    const block = entry && actionBlock(action.allowedStatuses, entry)
    return block ? this.t().tasks.blocked[block.known] : null
  }
}
