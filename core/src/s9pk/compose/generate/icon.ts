import { createHash } from 'node:crypto'

/** A place-holder until the author draws an icon: the first letter on a colour that belongs to the id. */
export function iconFile(id: string, title: string): string {
  const [first = 0, second = 0] = createHash('sha256').update(id).digest()
  const hue = Math.round((first * 256 + second) % 360)
  const letter = [...title.trim()][0]?.toUpperCase() ?? '?'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" role="img" aria-label="${xml(title)}">
  <rect width="256" height="256" rx="56" fill="hsl(${hue} 55% 38%)" />
  <circle cx="200" cy="56" r="96" fill="hsl(${(hue + 25) % 360} 60% 52%)" opacity="0.5" />
  <text x="128" y="172" text-anchor="middle" font-family="system-ui, sans-serif" font-size="128" font-weight="700" fill="#fff">${xml(letter)}</text>
</svg>
`
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
