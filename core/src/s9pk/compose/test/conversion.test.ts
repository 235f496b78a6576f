import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ComposedProject, composeProject } from '../index.ts'
import { FIXTURES, fixtureNames, projectOf } from './fixtures.ts'

const convert = (name: string) => composeProject(join(FIXTURES, name))
const file = ({ files }: ComposedProject, path: string) => files.get(path) ?? `there is no ${path}`
const problems = ({ findings }: ComposedProject) =>
  findings.filter(({ weight }) => weight === 'problem').map(({ key }) => key)
const names = await fixtureNames()

/** One line for each part, opening, volume and setting. */
function summary({ plan }: ComposedProject): string[] {
  const { services, interfaces, volumes, settings } = plan
  return [
    `${plan.id} ${plan.version}`,
    ...services.map(
      ({ id, image, oneshot, requires }) =>
        `${oneshot ? 'once' : 'runs'} ${id} of ${image}${requires.length > 0 ? ` after ${requires.join(', ')}` : ''}`,
    ),
    ...interfaces.map(({ id, kind, type, port }) => `opens ${id}: ${type}, ${kind} on ${port}`),
    `keeps ${volumes.join(', ') || 'nothing'}`,
    ...settings.map(({ key, kind, generator, default: value, required }) =>
      generator
        ? `draws ${key}, ${generator.kind}`
        : `asks ${key}, ${kind}: ${required ? 'required' : value}`,
    ),
  ]
}

describe('a compose file', () => {
  it.each(names)('becomes a package: %s', async (name) => {
    expect(summary(await convert(name))).toMatchSnapshot()
  })

  it.each(names)('of which every key is known: %s', async (name) => {
    const { findings } = await convert(name)
    expect(findings.filter(({ meaning }) => meaning.includes('is not known. Look'))).toEqual([])
  })

  it('becomes code that a person would write', async () => {
    const blog = await convert('blog')
    expect(file(blog, 'startos/main.ts')).toMatchSnapshot()
    expect(file(blog, 'startos/services/db.ts')).toMatchSnapshot()
  })

  it('is the same whether its services are written out or repeated by anchors and merge keys', async () => {
    const repeated = `x-base: &base\n  image: a\n  environment: &env { X: one }\nservices:\n  a:\n    <<: *base\n    environment: { <<: *env, Y: two }\n`
    const plain = `services:\n  a:\n    image: a\n    environment: { X: one, Y: two }\n`
    await using first = await projectOf({ 'compose.yaml': repeated })
    await using second = await projectOf({ 'compose.yaml': plain })
    const code = async (path: string) => file(await composeProject(path), 'startos/services/a.ts')
    expect(await code(first.file)).toBe(await code(second.file))
  })
})

describe('passwords', () => {
  it('that are the same in the file are one, in variables, addresses and commands', async () => {
    const blog = await convert('blog')
    expect(file(blog, 'startos/services/db.ts')).toContain('MYSQL_PASSWORD: chosen.mysqlPassword')
    expect(file(blog, 'startos/services/wordpress.ts')).toContain(
      'WORDPRESS_DB_PASSWORD: chosen.mysqlPassword',
    )
    expect(file(await convert('wiki'), 'startos/services/wiki.ts')).toContain(
      'DATABASE_URL: `postgres://wikijs:${chosen.postgresPassword}@db:5432/wiki?sslmode=disable`',
    )
    expect(file(await convert('cloud'), 'startos/services/redis.ts')).toContain(
      "['redis-server', '--requirepass', chosen.redisPassword]",
    )
  })

  it('of the file are nowhere in the project', async () => {
    const spelledOut = [
      'somewordpress',
      'hunter2hunter2',
      'wikijsrocks',
      'change-me',
      'adminadmin',
      '5ca1ab1e5ca1',
      '9f86d081884c',
    ]
    for (const name of names) {
      const text = [...(await convert(name)).files.values()].join('\n')
      for (const secret of spelledOut) expect(text, name).not.toContain(secret)
    }
  })

  it('have the shape of the one in the file, and those of others are asked for', async () => {
    expect(file(await convert('git'), 'startos/settings.ts')).toContain(
      'giteaSecuritySecretKey: z.string().catch(() => hex(64))',
    )
    const shop = await convert('shop')
    expect(file(shop, 'startos/settings.ts')).toContain('stripeApiKey: z.string().nullable().catch(null)')
    expect(file(shop, 'startos/actions/configure.ts')).toContain(
      "description: 'Your key of the payment service (STRIPE_API_KEY)'",
    )
    expect(file(shop, 'startos/init.ts')).toContain("createOwnTask(effects, configure, 'critical'")
  })
})

describe('what cannot work as it is', () => {
  it('is named: ports that clash, a host network, devices, an engine', async () => {
    expect(problems(await convert('wiki'))).toEqual(['services.stats-db'])
    expect(problems(await convert('home'))).toEqual([
      'services.homeassistant.volumes[2]',
      'services.homeassistant.privileged',
      'services.homeassistant.network_mode',
      'services.zigbee2mqtt.devices[0]',
    ])
    const withProxy = await composeProject(join(FIXTURES, 'wiki'), { profiles: ['proxy'] })
    expect(problems(withProxy)).toContain('services.traefik.volumes[0]')
  })

  it('is not named where a part of the same image listens elsewhere, or not at all', async () => {
    expect(problems(await convert('cloud'))).toEqual([])
    const two = (more: string) =>
      `services:\n  a: { image: postgres:16 }\n  b: { image: postgres:16${more} }\n`
    await using same = await projectOf({ 'compose.yaml': two('') })
    await using other = await projectOf({ 'compose.yaml': two(', environment: { PGPORT: 5433 }') })
    expect(problems(await composeProject(same.file))).toEqual(['services.b'])
    expect(problems(await composeProject(other.file))).toEqual([])
  })

  it('is at the top of CONVERSION.md, with its line', async () => {
    const text = file(await convert('home'), 'CONVERSION.md')
    expect(text).toMatch(/## Needs your attention[^#]*\| 10 \| `services.homeassistant.privileged` \|/)
  })
})

describe('a part that ends by itself', () => {
  it('runs once at every start, unless others talk to it or wait for it', async () => {
    const part = (name: string, more: string) => `  ${name}: { image: a, restart: 'no'${more} }\n`
    await using project = await projectOf({
      'compose.yaml': `services:\n${part('buckets', '')}${part('page', ", ports: ['80']")}${part('waited', '')}${part('last', ', depends_on: [waited]')}`,
    })
    const { plan } = await composeProject(project.file)
    expect(plan.services.filter(({ oneshot }) => oneshot).map(({ name }) => name)).toEqual([
      'buckets',
      'last',
    ])
  })
})

describe('files beside the compose file', () => {
  it('are carried: those that are only read as assets, others as the beginning of a volume', async () => {
    await using project = await projectOf({
      'compose.yaml': `services:\n  a:\n    image: a\n    volumes: ['./read:/read:ro', './own:/own', './new:/new', './one.conf:/etc/one.conf']\n`,
      'read/a.txt': 'a',
      'own/b.txt': 'b',
      'one.conf': 'c',
    })
    const made = await composeProject(project.file)
    expect([...made.copies.assets.entries.keys()]).toEqual(['read', 'own', 'one.conf'])
    expect(made.plan.volumes).toEqual(['own', 'new'])
    expect(made.plan.fills.map(({ volume, seed }) => [volume, seed])).toEqual([
      ['own', 'own'],
      ['new', null],
    ])
    expect(file(made, 'startos/services/a.ts')).toContain(
      "mountAssets({ subpath: 'one.conf', mountpoint: '/etc/one.conf', type: 'file' })",
    )
  })

  it('are one volume where one place of the host is inside another', async () => {
    const mounts = (...lines: string[]) => lines.map((line) => `      - ${line}\n`).join('')
    await using project = await projectOf({
      'compose.yaml': `services:\n  films:\n    image: a\n    volumes:\n${mounts('/srv/media/films:/films', '${DATA}/db:/db', '${DATA}/log:/log')}  all:\n    image: b\n    volumes:\n${mounts('/srv/media:/media:ro')}`,
    })
    const made = await composeProject(project.file)
    expect(made.plan.volumes).toEqual(['media', 'db', 'log'])
    const mountsOf = (name: string) => made.plan.services.find((service) => service.name === name)?.mounts
    expect(mountsOf('films')?.[0]).toMatchObject({ volume: 'media', subpath: 'films', target: '/films' })
    expect(mountsOf('all')).toMatchObject([{ volume: 'media', subpath: null, readonly: true }])
  })
})

describe('variables without a value', () => {
  it('are read from the example that a project brings, which is said', async () => {
    await using project = await projectOf({
      'compose.yaml': 'services:\n  a:\n    image: a:${TAG}\n    env_file: app.env\n',
      '.env.example': 'TAG=2.0\n',
      'app.env.sample': 'COLOUR=red\n',
    })
    const made = await composeProject(project.file)
    expect(made.plan).toMatchObject({ version: '2.0:0', settings: [{ key: 'colour', default: 'red' }] })
    expect(made.findings.map(({ meaning }) => meaning).join()).toMatch(
      /\.env\.example is taken.*app\.env\.sample is taken/,
    )
  })

  it('do not matter for outer ports, and are usual for users', async () => {
    const text =
      'services:\n  a:\n    image: a\n    user: "${UID}:${GID}"\n    ports: ["${BIND}:${PORT}:8080"]\n'
    await using project = await projectOf({ 'compose.yaml': text })
    const { plan } = await composeProject(project.file)
    expect(plan.interfaces).toMatchObject([{ port: 8080, kind: 'http' }])
    expect(plan.services).toMatchObject([{ user: '1000:1000' }])
  })
})
