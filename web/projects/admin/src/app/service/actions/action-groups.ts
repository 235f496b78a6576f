import type { ActionMetadata } from '@startd/base/service-schemas.ts'

export interface ActionGroup {
  name: string
  actions: { id: string; action: ActionMetadata }[]
}

/** Visible actions by group, groups by name, those without one last; within a group as the package exported them. */
export function groupActions(
  actions: Record<string, ActionMetadata>,
  names: { general: string; other: string },
): ActionGroup[] {
  const visible = Object.entries(actions).filter(([, { visibility }]) => visibility !== 'hidden')
  const groups = new Map<string | null, ActionGroup['actions']>()
  for (const [id, action] of visible) {
    const members = groups.get(action.group) ?? []
    members.push({ id, action })
    groups.set(action.group, members)
  }
  const named = [...groups].flatMap(([name, members]) => (name === null ? [] : [{ name, actions: members }]))
  named.sort((a, b) => a.name.localeCompare(b.name))
  const rest = groups.get(null)
  return rest ? [...named, { name: named.length > 0 ? names.other : names.general, actions: rest }] : named
}
