import { type Path, pathKey } from '../validate.ts'

/** Element id of a field: labels, notes and the jump to the first problem go by it. */
export function fieldId(path: Path): string {
  return `f-${pathKey(path).replace(/[^a-zA-Z0-9]/g, '-')}-${path.length}`
}
