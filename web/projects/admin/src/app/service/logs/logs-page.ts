import type { ElementRef } from '@angular/core'
import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  inject,
  signal,
  viewChild,
} from '@angular/core'
import { TuiAppearance, TuiButton, TuiIcon, TuiLoader } from '@taiga-ui/core'
import { Rpc } from '../../../../../shared/api/rpc.ts'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { ErrorNote } from '../../../../../shared/ui/error-note.ts'
import { ServiceContext } from '../service-context.ts'
import { LogFeed } from './log-feed.ts'

/** How near to the end counts as “at the end”, in pixels. */
const NEAR = 40

@Component({
  selector: 'sd-logs',
  imports: [TuiAppearance, TuiButton, TuiIcon, TuiLoader, ErrorNote],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './logs-page.html',
  styleUrl: './logs-page.css',
})
export class LogsPage {
  readonly #service = inject(ServiceContext)
  protected readonly t = injectTexts()
  protected readonly feed = new LogFeed(inject(Rpc), this.#service.id())
  protected readonly query = signal('')
  protected readonly sticks = signal(true)
  protected readonly loadingOlder = signal(false)
  protected readonly viewBox = viewChild<ElementRef<HTMLElement>>('view')
  protected readonly shown = computed(() => {
    const query = this.query().toLocaleLowerCase()
    const lines = this.feed.lines()
    return query ? lines.filter(({ text }) => text.toLocaleLowerCase().includes(query)) : lines
  })

  constructor() {
    inject(DestroyRef).onDestroy(() => this.feed.close())
    afterRenderEffect(() => {
      this.shown()
      if (this.sticks() && !this.feed.isPaused()) this.toNewest()
    })
  }

  protected onScroll(view: HTMLElement): void {
    this.sticks.set(view.scrollHeight - view.scrollTop - view.clientHeight < NEAR)
  }

  protected toNewest(): void {
    const view = this.viewBox()?.nativeElement
    if (view) view.scrollTop = view.scrollHeight
  }

  protected resume(): void {
    this.feed.resume()
    this.sticks.set(true)
  }

  /** Older lines go in above; what is read stays where it is. */
  protected async older(view: HTMLElement): Promise<void> {
    this.loadingOlder.set(true)
    const fromEnd = view.scrollHeight - view.scrollTop
    this.sticks.set(false)
    try {
      await this.feed.older()
      requestAnimationFrame(() => (view.scrollTop = view.scrollHeight - fromEnd))
    } catch (error) {
      this.feed.failure.set(error)
    } finally {
      this.loadingOlder.set(false)
    }
  }

  protected download(): void {
    const text = this.feed.lines().map(({ timestamp, text }) => `${timestamp} ${text}\n`)
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob(text, { type: 'text/plain' }))
    link.download = `${this.#service.id()}-logs.txt`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href))
  }
}
