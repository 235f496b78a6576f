import type { Routes } from '@angular/router'

export const SERVICE_ROUTES: Routes = [
  { path: '', loadComponent: () => import('./overview/overview-page.ts').then((m) => m.OverviewPage) },
  {
    path: 'instructions',
    loadComponent: () => import('./instructions/instructions-page.ts').then((m) => m.InstructionsPage),
  },
  { path: 'actions', loadComponent: () => import('./actions/actions-page.ts').then((m) => m.ActionsPage) },
  { path: 'logs', loadComponent: () => import('./logs/logs-page.ts').then((m) => m.LogsPage) },
  { path: 'about', loadComponent: () => import('./about/about-page.ts').then((m) => m.AboutPage) },
]
