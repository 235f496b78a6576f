import { provideZonelessChangeDetection } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import {
  provideRouter,
  TitleStrategy,
  withComponentInputBinding,
  withInMemoryScrolling,
} from '@angular/router'
import { provideTaiga } from '@taiga-ui/core'
import { iconsProvider } from '../../shared/icons.ts'
import { PageTitle } from './app/page-title.ts'
import { Root } from './app/root.ts'
import { ROUTES } from './app/routes.ts'

await bootstrapApplication(Root, {
  providers: [
    provideZonelessChangeDetection(),
    provideTaiga({ scrollbars: 'native', fontScaling: false }),
    provideRouter(
      ROUTES,
      withComponentInputBinding(),
      withInMemoryScrolling({ scrollPositionRestoration: 'enabled' }),
    ),
    { provide: TitleStrategy, useExisting: PageTitle },
    iconsProvider,
  ],
})
