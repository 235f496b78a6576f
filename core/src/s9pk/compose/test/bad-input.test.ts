import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ErrorKind } from '@startd/base/errors.ts'
import { composeProject, fromCompose } from '../index.ts'
import { projectOf, temporaryDirectory } from './fixtures.ts'

/** `[what, compose file, kind of the error, line, key, words of it]` */
type Case = readonly [string, string, ErrorKind, number | null, string, RegExp]

const web = (rest: string) => `services:\n  web:\n    image: nginx:1\n${rest}`
const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg'].map((pair) => [...pair]))
  bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`)

const CASES: Case[] = [
  ['what is not YAML', 'services:\n  web:\n  image: [', 'Deserialization', 3, '', /not YAML/],
  ['what is no mapping', '- just\n- a list\n', 'Deserialization', null, '', /not a compose file/],
  ['an empty file', '', 'Deserialization', null, '', /empty|not a compose file/],
  ['several documents', 'services: {}\n---\nservices: {}\n', 'Deserialization', null, '', /several/],
  ['a YAML bomb', `${bomb.join('\n')}\nservices: *h\n`, 'Deserialization', null, '', /aliases/],
  [
    'deep nesting',
    `services: ${'['.repeat(300)}${']'.repeat(300)}`,
    'Deserialization',
    null,
    '',
    /deeper|not YAML/,
  ],
  ['a file that is too long', `# ${'x'.repeat(1024 * 1024)}`, 'Deserialization', null, '', /1 MiB/],
  ['a duplicate key', web('    image: other\n'), 'Deserialization', 4, '', /unique/],
  ['an unknown tag', web('    ports: !reset []\n'), 'Deserialization', 4, '', /tag/],
  ['an unknown version', 'version: "99"\nservices: {}\n', 'VersionIncompatible', 1, 'version', /99/],
  ['version 1', 'web:\n  image: nginx\n', 'Deserialization', null, '', /version 1/],
  ['no services', 'volumes: {}\n', 'Deserialization', null, '', /no “services”/],
  ['empty services', 'services:\n', 'Deserialization', 1, 'services', /no “services”/],
  ['services without any', 'services: {}\n', 'Deserialization', 1, 'services', /no service/],
  ['a list of services', 'services:\n  - web\n', 'Deserialization', 1, 'services', /mapping/],
  ['a service that is a text', 'services:\n  web: nginx\n', 'Deserialization', 2, 'services.web', /mapping/],
  [
    'a service without image',
    'services:\n  web:\n    restart: always\n',
    'InvalidRequest',
    2,
    'services.web',
    /image/,
  ],
  [
    'an image that is a list',
    'services:\n  web:\n    image: [a]\n',
    'Deserialization',
    3,
    'services.web.image',
    /text/,
  ],
  [
    'ports that are a mapping',
    web('    ports: {a: b}\n'),
    'Deserialization',
    4,
    'services.web.ports',
    /list/,
  ],
  [
    'a port that is none',
    web('    ports: ["http:80"]\n'),
    'Deserialization',
    4,
    'services.web.ports[0]',
    /http/,
  ],
  [
    'a port beyond all',
    web('    ports: ["80:99999"]\n'),
    'Deserialization',
    4,
    'services.web.ports[0]',
    /65535/,
  ],
  ['an odd protocol', web('    ports: ["80/icmp"]\n'), 'Deserialization', 4, 'services.web.ports[0]', /icmp/],
  [
    'an odd restart policy',
    web('    restart: sometimes\n'),
    'Deserialization',
    4,
    'services.web.restart',
    /policy/,
  ],
  [
    'an odd duration',
    web('    stop_grace_period: soon\n'),
    'Deserialization',
    4,
    'services.web.stop_grace_period',
    /duration/,
  ],
  [
    'an odd health check',
    web('    healthcheck: {test: [RUN, x]}\n'),
    'Deserialization',
    4,
    'services.web.healthcheck.test',
    /CMD/,
  ],
  [
    'a bad variable',
    web('    command: ${1}\n'),
    'Deserialization',
    4,
    'services.web.command',
    /name of a variable/,
  ],
  [
    'a variable that is not closed',
    web('    command: "${A:-b"\n'),
    'Deserialization',
    4,
    'services.web.command',
    /closed/,
  ],
  [
    'an image without its tag',
    'services:\n  web:\n    image: nginx:${TAG}\n',
    'InvalidRequest',
    3,
    'services.web.image',
    /TAG/,
  ],
  [
    'a volume that is not declared',
    web('    volumes: [data:/data]\n'),
    'NotFound',
    4,
    'services.web.volumes[0]',
    /data/,
  ],
  [
    'a relative target',
    web('    volumes: ["./a:b"]\n'),
    'Deserialization',
    4,
    'services.web.volumes[0]',
    /absolute/,
  ],
  [
    'a mount outside',
    web('    volumes: ["../a:/b"]\n'),
    'InvalidRequest',
    4,
    'services.web.volumes[0]',
    /outside/,
  ],
  [
    'a variable file outside',
    web('    env_file: ../../etc/passwd\n'),
    'InvalidRequest',
    4,
    'services.web.env_file',
    /outside/,
  ],
  [
    'a build outside',
    'services:\n  web:\n    build: ../app\n',
    'InvalidRequest',
    3,
    'services.web.build',
    /outside/,
  ],
  [
    'a build that is not there',
    'services:\n  web:\n    build: ./app\n',
    'NotFound',
    3,
    'services.web.build',
    /app/,
  ],
  [
    'a secret that is not declared',
    web('    secrets: [token]\n'),
    'NotFound',
    4,
    'services.web.secrets[0]',
    /token/,
  ],
  [
    'a config outside',
    web('    configs: [c]\nconfigs:\n  c: {file: ../c}\n'),
    'InvalidRequest',
    6,
    'configs.c.file',
    /outside/,
  ],
  [
    'an unknown dependency',
    web('    depends_on: [db]\n'),
    'NotFound',
    4,
    'services.web.depends_on.db',
    /no service “db”/,
  ],
  [
    'an odd condition',
    web('    depends_on: {web: {condition: soon}}\n'),
    'Deserialization',
    4,
    'services.web.depends_on.web.condition',
    /service_healthy/,
  ],
  [
    'services that wait for themselves',
    web('    depends_on: [web]\n'),
    'InvalidRequest',
    4,
    'services.web.depends_on',
    /web → web/,
  ],
  [
    'an unknown platform',
    web('    platform: windows/amd64\n'),
    'InvalidRequest',
    4,
    'services.web.platform',
    /windows/,
  ],
  ['an include', 'include: [other.yml]\nservices: {}\n', 'InvalidRequest', 1, 'include', /included/],
  ['a base that is not there', web('    extends: base\n'), 'NotFound', 4, 'services.web.extends', /base/],
  [
    'a base outside',
    web('    extends: {file: ../x.yml, service: a}\n'),
    'InvalidRequest',
    4,
    'services.web.extends.file',
    /outside/,
  ],
  ['nothing but profiles', web('    profiles: [a]\n'), 'InvalidRequest', 1, 'services', /profile/],
]

describe('a compose file is refused, with file, line and key, for', () => {
  it.each(CASES)('%s', async (_what, text, kind, line, key, words) => {
    await using project = await projectOf({ 'compose.yaml': text })
    const error: unknown = await composeProject(project.file).catch((error: unknown) => error)
    expect(error).toMatchObject({ kind, info: { file: 'compose.yaml', line, key } })
    expect(error).toHaveProperty('details', expect.stringMatching(words))
  })

  it('services that wait for or extend each other in a circle', async () => {
    const circle = (key: string) => `services:\n  a: { image: x, ${key}: b }\n  b: { image: x, ${key}: a }\n`
    await using waiting = await projectOf({
      'compose.yaml': circle('depends_on').replaceAll(/: ([ab]) }/g, ': [$1] }'),
    })
    await expect(composeProject(waiting.file)).rejects.toThrow(/line 2.*a → b → a/)
    await using extending = await projectOf({ 'compose.yaml': circle('extends') })
    await expect(composeProject(extending.file)).rejects.toThrow(/line 2.*a → b → a/)
  })

  it('a link that leads out of the project', async () => {
    await using project = await projectOf({ 'compose.yaml': web('    volumes: ["./inside:/b:ro"]\n') })
    await writeFile(join(project.path, '..', 'outside'), 'private')
    await symlink('../outside', join(project.path, 'inside'))
    await expect(composeProject(project.file)).rejects.toThrow(/volumes\[0\].*outside/)
  })
})

describe('from-compose', () => {
  it('says that there is no compose file', async () => {
    await using directory = await temporaryDirectory()
    await expect(composeProject(directory.path)).rejects.toMatchObject({ kind: 'NotFound' })
    await expect(composeProject(join(directory.path, 'none.yml'))).rejects.toMatchObject({ kind: 'NotFound' })
  })

  it('does not touch a directory in which something is', async () => {
    await using project = await projectOf({ 'compose.yaml': web('') })
    await expect(fromCompose(project.file, { output: project.path })).rejects.toMatchObject({
      kind: 'Duplicate',
    })
  })

  it.each(['Web', 'a--b', '-a', ''])('refuses “%s” as an id', async (id) => {
    await using project = await projectOf({ 'compose.yaml': web('') })
    await expect(composeProject(project.file, { id })).rejects.toMatchObject({ kind: 'InvalidId' })
  })

  it('refuses a version that is none, and an image that is not there', async () => {
    await using project = await projectOf({ 'compose.yaml': web('') })
    await expect(composeProject(project.file, { version: '1.2' })).rejects.toMatchObject({
      kind: 'ParseVersion',
    })
    const images = new Map([['web', join(project.path, 'none')]])
    await expect(composeProject(project.file, { images })).rejects.toMatchObject({ kind: 'NotFound' })
  })
})
