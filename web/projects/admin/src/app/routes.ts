import type { Routes } from '@angular/router'

/** Pages of the running server. Set-up, login and the other phases are not addresses but states (see Root). */
export const ROUTES: Routes = [
  { path: '', pathMatch: 'full', redirectTo: 'services' },
  {
    path: 'services',
    title: 'services',
    loadComponent: () => import('./services/services-page.ts').then((m) => m.ServicesPage),
  },
  {
    path: 'services/:id',
    loadComponent: () => import('./service/service-page.ts').then((m) => m.ServicePage),
    loadChildren: () => import('./service/service-routes.ts').then((m) => m.SERVICE_ROUTES),
  },
  {
    path: 'add',
    title: 'add',
    loadComponent: () => import('./sideload/sideload-page.ts').then((m) => m.SideloadPage),
  },
  {
    path: 'notifications',
    title: 'notifications',
    loadComponent: () => import('./notifications/notifications-page.ts').then((m) => m.NotificationsPage),
  },
  {
    path: 'settings',
    title: 'settings',
    loadComponent: () => import('./settings/settings-page.ts').then((m) => m.SettingsPage),
  },
  { path: '**', redirectTo: 'services' },
]
