import type { EffectName } from '@startd/base/effects.ts'

/**
 * What this side must know of each effect without loading its schemas (they cost a container 25 ms
 * and 9 MB): `watch` may leave a callback behind; `again` may be sent a second time when the answer
 * was lost, because it only reads or sets the same thing again. A test holds the list to the contract.
 */
export const EFFECT_TRAITS: Readonly<Record<EffectName, { watch?: true; again?: true }>> = {
  echo: { again: true },
  'git-info': { again: true },
  'clear-callbacks': { again: true },

  restart: {},
  shutdown: {},
  rebuild: {},
  'get-status': { watch: true, again: true },
  'set-main-status': {},

  'action.export': { again: true },
  'action.clear': { again: true },
  'action.get-input': { again: true },
  'action.run': {},
  'action.create-task': {},
  'action.clear-tasks': {},

  'set-dependencies': { again: true },
  'get-dependencies': { again: true },
  'check-dependencies': { again: true },
  'get-installed-packages': { again: true },
  'get-service-manifest': { watch: true, again: true },
  mount: { again: true },

  'set-health': { again: true },
  'set-backup-progress': { again: true },
  'set-init-progress': { again: true },
  'notification.create': {},

  'set-data-version': { again: true },
  'get-data-version': { again: true },

  'subcontainer.create-fs': {},
  'subcontainer.destroy-fs': { again: true },

  bind: { again: true },
  'bind-range': { again: true },
  'clear-bindings': { again: true },
  'get-service-port-forward': { again: true },
  'get-host-info': { watch: true, again: true },
  'get-container-ip': { watch: true, again: true },
  'get-os-ip': { again: true },
  'get-outbound-gateway': { watch: true, again: true },
  'export-service-interface': { again: true },
  'export-range-service-interface': { again: true },
  'get-service-interface': { watch: true, again: true },
  'list-service-interfaces': { watch: true, again: true },
  'clear-service-interfaces': { again: true },

  'get-ssl-certificate': { watch: true, again: true },
  'get-ssl-key': { again: true },

  'plugin.url.register': { again: true },
  'plugin.url.export-url': { again: true },
  'plugin.url.clear-urls': { again: true },

  'get-system-smtp': { watch: true, again: true },
}
