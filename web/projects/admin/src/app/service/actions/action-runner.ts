import { inject, Injectable } from '@angular/core'
import { TuiDialogService } from '@taiga-ui/core'
import { PolymorpheusComponent } from '@taiga-ui/polymorpheus'
import type { ActionMetadata } from '@startd/base/service-schemas.ts'
import { defer } from 'rxjs'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { Confirm } from '../../../../../shared/ui/confirm.ts'
import { ActionDialog } from './action-dialog.ts'

export interface ActionCall {
  packageId: string
  actionId: string
  name: string
  action: ActionMetadata | null
  /** Values that a task wants to see in the form. */
  prefill: Record<string, unknown> | null
}

/** What a dialog asks before it lets go of typed things. */
export interface LeaveGuard {
  isDirty: () => boolean
}

/** Runs actions in a dialog: warning, form where there is one, result. */
@Injectable({ providedIn: 'root' })
export class ActionRunner {
  readonly #dialogs = inject(TuiDialogService)
  readonly #confirm = inject(Confirm)
  readonly #t = injectTexts()

  run(call: ActionCall): void {
    const { warning, hasInput } = call.action ?? { warning: null, hasInput: true }
    // A form shows its warning itself, above the fields.
    if (!warning || hasInput) return this.#open(call)
    const { actions } = this.#t()
    this.#confirm
      .ask({ title: call.name, text: warning, yes: actions.confirm })
      .subscribe(() => this.#open(call))
  }

  #open(call: ActionCall): void {
    const guard: LeaveGuard = { isDirty: () => false }
    const { leave, leaveYes, leaveNo } = this.#t().actions
    const mayLeave = defer(() =>
      this.#confirm.allows(
        guard.isDirty()
          ? { title: call.name, text: leave, yes: leaveYes, no: leaveNo, destructive: true }
          : null,
      ),
    )
    this.#dialogs
      .open(new PolymorpheusComponent(ActionDialog), {
        data: { call, guard },
        size: 'm',
        closable: mayLeave,
        dismissible: mayLeave,
      })
      .subscribe()
  }
}
