import { bytesText } from '@startd/base/bytes-text.ts'
import type { Change, FieldChange, FileState, PackageDiff } from './diff.ts'

const MARK: Record<Change, string> = { added: '+', removed: '-', changed: '~' }
const LONGEST = 60

/** A difference as a person reads it. */
export function diffText(diff: PackageDiff): string {
  const { from, to } = diff
  const lines = [`${from.id} ${from.version} (${from.path})`, `→ ${to.id} ${to.version} (${to.path})`, '']
  if (diff.signer)
    lines.push('Signer changed', `  - ${keyText(diff.signer.from)}`, `  + ${keyText(diff.signer.to)}`, '')
  if (diff.same)
    return [...lines, diff.signer ? 'The contents are the same.' : 'The packages are the same.'].join('\n')
  section('Manifest', diff.manifest.flatMap(fieldText))
  section(
    'Images',
    diff.images.map(({ image, arch, ...one }) => fileText(`${image} for ${arch}`, one)),
  )
  section(
    'Files',
    diff.files.map(({ path, ...one }) => fileText(path, one)),
  )
  return lines.join('\n').trimEnd()

  function section(title: string, rows: string[]): void {
    if (rows.length > 0) lines.push(title, ...rows.map((row) => `  ${row}`), '')
  }
}

function fieldText({ field, from, to }: FieldChange): string[] {
  return [`${field}: ${shortened(from)} → ${shortened(to)}`]
}

function fileText(
  name: string,
  { change, from, to }: { change: Change; from: FileState | null; to: FileState | null },
): string {
  const sizes = [from, to].flatMap((state) => (state ? [bytesText(state.size)] : []))
  return `${MARK[change]} ${name} (${[...new Set(sizes)].join(' → ')})`
}

function shortened(value: unknown): string {
  const text = value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** The only line of a public key that differs from other keys. */
function keyText(pem: string): string {
  return pem.split('\n')[1] ?? pem
}
