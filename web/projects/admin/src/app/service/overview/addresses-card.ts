import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { TuiButton, TuiIcon } from '@taiga-ui/core'
import { injectTexts } from '../../../../../shared/i18n/texts.ts'
import { CopyButton } from '../../../../../shared/ui/copy-button.ts'
import { QrCode } from '../../../../../shared/ui/qr-code.ts'
import { ServiceContext } from '../service-context.ts'

/** For each interface the address that fits here, and the others behind a fold. */
@Component({
  selector: 'sd-addresses',
  imports: [TuiButton, TuiIcon, CopyButton, QrCode],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './addresses-card.html',
  styleUrl: './addresses-card.css',
})
export class AddressesCard {
  protected readonly t = injectTexts()
  protected readonly service = inject(ServiceContext)
  protected readonly interfaces = computed(() =>
    this.service
      .interfaces()
      .map((one) => ({ ...one, best: one.addresses[0] ?? null, rest: one.addresses.slice(1) })),
  )
  protected readonly runs = computed(() => this.service.status()?.canStop ?? false)
}
