/** The title of a list entry from a template such as “{{name}} ({{port}})”; '' when nothing is filled in yet. */
export function displayText(template: string | null, value: unknown): string {
  if (template === null || value === null || typeof value !== 'object') return ''
  const fields = value as Record<string, unknown>
  let found = false
  const text = template.replaceAll(/\{\{\{?\s*([^{}]+?)\s*\}?\}\}/g, (_, key: string) => {
    const field = fields[key]
    if (field === null || field === undefined || field === '' || typeof field === 'object') return ''
    found = true
    return String(field)
  })
  return found ? text.trim() : ''
}
