import { describe, expect, it } from 'vitest'
import { namesService, shapeOf, isForeign, isSecret, isWiring } from '../settings/classify.ts'
import { hostPlace } from '../carry/host-places.ts'
import { parseEnvFile } from '../source/env-file.ts'
import { milliseconds } from '../source/quantities.ts'
import { fillIn, parseTemplate } from '../source/template.ts'
import { splitWords } from '../source/words.ts'
import { identifierOf, idOf, labelOf } from '../names.ts'

describe('texts with variables', () => {
  const values = new Map([
    ['SET', 'value'],
    ['EMPTY', ''],
  ])
  it.each([
    ['$SET and ${SET}', 'value and value'],
    ['$$SET $${SET} 5$', '$SET ${SET} 5$'],
    ['${NONE:-other}${EMPTY:-other}', 'otherother'],
    ['${NONE:-${EMPTY-deep}}', 'deep'],
    ['${NONE:-a}b}', 'ab}'],
    ['${SET:+yes}${NONE:+no}', 'yes'],
    ['${SET:?must}', 'value'],
    ['$1 $-', '$1 $-'],
  ])('%s is %s', (text, expected) => {
    expect(fillIn(parseTemplate(text), values).text).toBe(expected)
  })

  it('name what has no value', () => {
    expect(fillIn(parseTemplate('${A} $B ${C:-d}'), values).missing).toEqual(['A', 'B'])
  })

  it.each(['${', '${}', '${A', '${A:-${B}', '${-a}'])('%s is refused', (text) => {
    expect(() => parseTemplate(text)).toThrow()
  })
})

describe('command lines', () => {
  it.each([
    [`sh -c 'a  b' "c \\"d\\"" e\\ f`, ['sh', '-c', 'a  b', 'c "d"', 'e f']],
    ['\'\' ""', ['', '']],
    ['a\\\nb', ['ab']],
    ['   ', []],
  ])('%s', (line, words) => {
    expect(splitWords(line)).toEqual(words)
  })
})

describe('files of variables', () => {
  it('are read as compose does', () => {
    const text = `# no\nA=1 # one\nexport B = "x\\ny" \nC='$A\\n'\n\nD\nE="two\nlines"\nF=a#b\nG=\r\n`
    expect([...parseEnvFile(text)]).toEqual([
      ['A', '1'],
      ['B', 'x\ny'],
      ['C', '$A\\n'],
      ['E', 'two\nlines'],
      ['F', 'a#b'],
      ['G', ''],
    ])
  })
})

describe('durations', () => {
  it.each([
    ['1m30s', 90_000],
    ['250ms', 250],
    ['2h', 7_200_000],
    ['10', 10_000],
    ['1.5s', 1500],
    ['soon', null],
    ['1s!', null],
    ['', null],
  ])('%s is %s ms', (text, expected) => {
    expect(milliseconds(text)).toBe(expected)
  })
})

describe('variables', () => {
  it.each([
    ['DB_PASSWORD', 'x1'],
    ['SECRET_KEY_BASE', 'abc'],
    ['PAPERLESS_DBPASS', 'abc'],
    ['JWT_SECRET', null],
    ['APP_KEY', 'base64:abc'],
    ['GITEA__database__PASSWD', 'gitea'],
  ])('%s=%s holds a secret', (name, value) => {
    expect(isSecret(name, value)).toBe(true)
  })
  it.each([
    ['ALLOW_EMPTY_PASSWORD', 'yes'],
    ['POSTGRES_PASSWORD_FILE', '/run/secrets/x'],
    ['TOKEN_TTL', '3600'],
    ['PASSWORD_LOGIN_ENABLED', 'true'],
    ['KEYBOARD', 'de'],
    ['PASSWORD_MIN_LENGTH', '8'],
  ])('%s=%s holds none', (name, value) => {
    expect(isSecret(name, value)).toBe(false)
  })
  it('of other services cannot be drawn', () => {
    expect(['SMTP_PASSWORD', 'OPENAI_API_KEY', 'OIDC_CLIENT_SECRET'].every(isForeign)).toBe(true)
    expect(['DB_PASSWORD', 'SESSION_SECRET', 'ADMIN_PASSWORD'].some(isForeign)).toBe(false)
  })
  it.each([
    ['true', 'toggle'],
    ['FALSE', 'toggle'],
    ['on', 'toggle'],
    ['42', 'number'],
    ['-0.5', 'number'],
    ['0755', 'text'],
    ['1.10', 'text'],
    ['99999999999999999999', 'text'],
    ['', 'text'],
    [null, 'text'],
  ])('of the shape %s become a %s', (value, kind) => {
    expect(shapeOf(value).kind).toBe(kind)
  })
  it('that only connect the parts are not for the owner to change', () => {
    const services = new Set(['db', 'cache'])
    const wiring = [
      'DB_HOST=db',
      'POSTGRES_USER=app',
      'REDIS_URL=redis://cache:6379/0',
      'DATA_DIR=/data',
      'PUID=1000',
    ]
    for (const line of wiring) {
      const [name = '', value = ''] = line.split(/=(.*)/)
      expect(isWiring(name, value, services), line).toBe(true)
    }
    expect(isWiring('SMTP_HOST', 'mail.example.com', services)).toBe(false)
    expect(isWiring('SITE_NAME', 'My database', services)).toBe(false)
  })
  it.each(['db', 'db:5432', 'http://db:80/x', 'postgres://u:p@db/x', 'cache:1,db:2', 'host=db port=1'])(
    '%s names a service',
    (value) => {
      expect(namesService(value, new Set(['db', 'cache']))).toBe(value !== 'host=db port=1')
    },
  )
})

describe('places of the host', () => {
  it('that are no storage are told apart', () => {
    expect(hostPlace('/var/run/docker.sock')?.weight).toBe('problem')
    expect(hostPlace('/etc/localtime')?.weight).toBe('changed')
    expect(hostPlace('/')?.weight).toBe('problem')
    expect(hostPlace('/srv/photos')).toBeNull()
    expect(hostPlace('/home/me/docs')).toBeNull()
  })
})

describe('names', () => {
  it('fit where they stand', () => {
    expect(idOf('DB_Data')).toBe('db-data')
    expect(idOf('___')).toBe('service')
    expect(identifierOf('my-new.service_2')).toBe('myNewService2')
    expect(identifierOf('default')).toBe('defaultService')
    expect(identifierOf('2fa')).toBe('_2fa')
    expect(labelOf('SMTP_SERVER_URL')).toBe('SMTP server URL')
  })
})
