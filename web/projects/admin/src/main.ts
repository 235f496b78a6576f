import { provideZonelessChangeDetection } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import {
  provideRouter,
  TitleStrategy,
  withNavigationErrorHandler,
  withInMemoryScrolling,
} from '@angular/router'
import { provideTaiga } from '@taiga-ui/core'
import { iconsProvider } from '../../shared/icons.ts'
import { tryAgain } from './app/navigation-error.ts'
import { PageTitle } from './app/page-title.ts'
import { Root } from './app/root.ts'
import { ROUTES } from './app/routes.ts'

await bootstrapApplication(Root, {
  providers: [
    provideZonelessChangeDetection(),
    provideTaiga({ scrollbars: 'native', fontScaling: false }),
    provideRouter(
      ROUTES,
      withInMemoryScrolling({ scrollPositionRestoration: 'enabled' }),
      withNavigationErrorHandler(tryAgain),
    ),
    { provide: TitleStrategy, useExisting: PageTitle },
    iconsProvider,
  ],
})

dispatchEvent(new Event('startd:ready'))
