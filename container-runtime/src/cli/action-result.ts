/** An action's result for a person to read: title, message, then each value under its name. */
export function actionResultText(result: unknown): string | null {
  if (!isObject(result)) return null
  if (result['version'] === '0') return paragraphs([result['message'], result['value']])
  return paragraphs([result['title'], result['message'], ...valueLines(result['result'], '')])
}

function valueLines(value: unknown, indent: string): string[] {
  if (!isObject(value)) return []
  if (value['type'] === 'single') return [`${indent}${String(value['value'])}`]
  const members = Array.isArray(value['value']) ? value['value'].filter(isObject) : []
  return members.flatMap((member) =>
    member['type'] === 'single'
      ? [`${indent}${String(member['name'])}: ${String(member['value'])}`]
      : [`${indent}${String(member['name'])}:`, ...valueLines(member, `${indent}  `)],
  )
}

function paragraphs(lines: unknown[]): string {
  return lines.filter((line) => typeof line === 'string' && line !== '').join('\n')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
