import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core'
import { TuiButton } from '@taiga-ui/core'
import type { Task } from '@startd/base/service-schemas.ts'
import { Rpc } from '../../../../../shared/api/rpc.ts'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { Model, titleOf } from '../../../../../shared/live/model.ts'
import { ErrorNote } from '../../../../../shared/ui/error-note.ts'
import { ActionRunner } from '../actions/action-runner.ts'
import { ServiceContext } from '../service-context.ts'
import { taskBlock } from './task-block.ts'

const ORDER = { critical: 0, important: 1, optional: 2 } as const

/** What the service asks of its owner, most urgent first. */
@Component({
  selector: 'sd-tasks',
  imports: [TuiButton, ErrorNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '[hidden]': 'tasks().length === 0' },
  templateUrl: './tasks-card.html',
  styleUrl: './tasks-card.css',
})
export class TasksCard {
  readonly #rpc = inject(Rpc)
  readonly #model = inject(Model)
  readonly #service = inject(ServiceContext)
  readonly #runner = inject(ActionRunner)
  protected readonly t = injectTexts()
  protected readonly failure = signal<unknown>(null)
  protected readonly tasks = computed(() =>
    Object.entries(this.#service.entry()?.tasks ?? {})
      .filter(([, { active }]) => active)
      .map(([replayId, { task }]) => this.#row(replayId, task))
      .sort((a, b) => ORDER[a.task.severity] - ORDER[b.task.severity]),
  )

  protected run({ task, name }: { task: Task; name: string }): void {
    this.#runner.run({
      packageId: task.packageId,
      actionId: task.actionId,
      name,
      action: this.#model.packages()[task.packageId]?.actions[task.actionId] ?? null,
      prefill: task.input?.set ?? null,
    })
  }

  /** The entry lives under the service that asks, whoever is to do it. */
  protected async dismiss(replayId: string): Promise<void> {
    this.failure.set(null)
    try {
      await this.#rpc.call('package.action.clear-task', {
        packageId: this.#service.id(),
        replayId,
        force: false,
      })
    } catch (error) {
      this.failure.set(error)
    }
  }

  #row(replayId: string, task: Task) {
    const packages = this.#model.packages()
    const target = packages[task.packageId]
    const block = taskBlock(task, packages)
    return {
      replayId,
      task,
      name: target?.actions[task.actionId]?.name ?? task.actionId,
      owner: task.packageId === this.#service.id() ? null : target ? titleOf(target) : task.packageId,
      blocked: block === null ? null : 'said' in block ? block.said : this.t().tasks.blocked[block.known],
    }
  }
}
