import type { World } from '../api/world.ts'

/** Puts services into the state of a server, as if they were installed; their containers are not of interest here. */
export async function pretendInstalled(world: World, ...ids: string[]): Promise<void> {
  for (const [index, id] of ids.entries()) {
    const entry = {
      stateInfo: { state: 'installed', manifest: { id, title: id, version: `1.${index}.0:0` } },
      s9pk: '',
      statusInfo: {
        health: {},
        error: null,
        started: index === 0 ? '2026-01-31T12:00:00Z' : null,
        desired: { main: index === 0 ? 'running' : 'stopped' },
      },
      registry: null,
      developerKey: '',
      icon: '',
      lastBackup: null,
      currentDependencies: {},
      actions: {
        'set-greeting': {
          name: 'Set the greeting',
          description: '',
          warning: null,
          visibility: 'enabled',
          allowedStatuses: 'any',
          hasInput: true,
          group: null,
        },
      },
      tasks: {},
      hosts: {},
      storeExposedDependents: [],
      outboundGateway: null,
      plugin: { url: null },
    }
    await world.ok('db.apply', {
      expr: `.public.packageData[${JSON.stringify(id)}] = ${JSON.stringify(entry)}`,
    })
  }
}
