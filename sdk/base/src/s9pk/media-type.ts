/** Extension to media type; case counts (s9pk.md §6.1). */
const TYPES: Record<string, string> = {
  apng: 'image/apng',
  avif: 'image/avif',
  flif: 'image/flif',
  gif: 'image/gif',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  jfif: 'image/jpeg',
  pjpeg: 'image/jpeg',
  pjp: 'image/jpeg',
  jxl: 'image/jxl',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
  mng: 'image/x-mng',
  'x-mng': 'image/x-mng',
  css: 'text/css',
  csv: 'text/csv',
  html: 'text/html',
  php: 'text/php',
  plain: 'text/plain',
  md: 'text/plain',
  txt: 'text/plain',
  xml: 'text/xml',
  js: 'text/javascript',
  wasm: 'application/wasm',
}

export function mediaType(name: string): string | null {
  const dot = name.lastIndexOf('.')
  const extension = name.slice(dot + 1)
  return dot >= 0 && Object.hasOwn(TYPES, extension) ? (TYPES[extension] ?? null) : null
}

/** Whether `name` is `icon.<ext>` with an image type. */
export function isIcon(name: string): boolean {
  return name.slice(0, name.lastIndexOf('.')) === 'icon' && (mediaType(name)?.startsWith('image/') ?? false)
}
