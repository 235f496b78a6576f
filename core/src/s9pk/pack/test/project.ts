import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What its bundle exports. */
export const MANIFEST = {
  id: 'tiny',
  version: '1.0.0:0',
  canMigrateTo: '!',
  canMigrateFrom: '*',
  title: 'Tiny',
  description: { short: 'A tiny service', long: 'A tiny service for tests' },
  releaseNotes: 'First',
  license: 'MIT',
  upstreamRepo: 'https://example.com/up',
  images: { main: { source: 'packed', arch: ['x86_64'], emulateMissingAs: 'x86_64' } },
  volumes: ['main'],
}

/** The files of a small project that can be packed, by path. */
export function projectFiles(manifest: object = {}): Record<string, string> {
  return {
    'javascript/index.js': `exports.manifest = ${JSON.stringify({ ...MANIFEST, ...manifest })}`,
    'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    LICENSE: 'MIT',
    'instructions.md': '# Hi',
    'assets/one/hello.txt': 'hello',
    'assets/two/run': '#!/bin/sh\n',
    'rootfs/etc/motd': 'welcome',
    'images.yaml': 'main: { directory: rootfs }\n',
  }
}

/** Writes files below a directory, in the order in which they are given. */
export async function writeFiles(
  directory: string,
  files: Record<string, string | Uint8Array>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
}
