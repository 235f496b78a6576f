import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { World } from '../api/world.ts'

/** A name that leads to this machine without asking anybody (RFC 6761 §6.3). */
const HOST = 'localhost'
const known = getCACertificates('default')
let directory: string
let key: Buffer
let cert: Buffer
let world: World

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'startd-mail-'))
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const names = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`]
  const made = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ]
  execFileSync('openssl', ['req', '-x509', ...made, '-days', '2', ...names], { stdio: 'ignore' })
  ;[key, cert] = [readFileSync(keyFile), readFileSync(certFile)]
  world = await World.running()
})
afterAll(async () => {
  setDefaultCACertificates(known)
  await world[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

/** A real mail server with one mailbox, and what it was sent. */
async function mailServer(options: SMTPServerOptions = {}) {
  const mails: { from: string; to: string[]; text: string }[] = []
  const server = new SMTPServer({
    key,
    cert,
    onAuth: ({ username, password }, _session, done) =>
      username === 'attic' && password === 'right' ? done(null, { user: username }) : done(new Error('no')),
    onData: (stream, { envelope }, done) => {
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), text })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())))
  return { mails, port: (server.server.address() as AddressInfo).port }
}

const params = (port: number) => ({
  host: HOST,
  port,
  from: 'attic@example.com',
  username: 'attic',
  password: 'right',
  to: 'me@example.com',
})

describe('a test mail', () => {
  it.each([
    ['starttls', {}],
    ['tls', { secure: true }],
  ] as const)('arrives over %s', async (security, options) => {
    setDefaultCACertificates([...known, cert.toString()])
    const { mails, port } = await mailServer(options)
    expect(await world.ok('server.test-smtp', { ...params(port), security })).toBeNull()
    expect(mails).toMatchObject([{ from: 'attic@example.com', to: ['me@example.com'] }])
    expect(mails[0]?.text).toContain('Subject: Test mail of your server')
  })

  const refused = async (given: unknown) => {
    const { body } = await world.call('server.test-smtp', given)
    expect(body.error?.code).toBe(78)
    return (body.error?.data as { details: string }).details
  }

  it('is not sent with a wrong password, without encryption, or to a server that nobody vouches for', async () => {
    setDefaultCACertificates([...known, cert.toString()])
    const { mails, port } = await mailServer()
    expect(await refused({ ...params(port), password: 'wrong' })).toContain('username and password')
    const plain = await mailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] })
    expect(await refused(params(plain.port))).toMatch(/encryption|STARTTLS/)
    setDefaultCACertificates(known)
    await refused(params(port))
    expect([...mails, ...plain.mails]).toEqual([])
  })

  it('says what is wrong when there is no such server', async () => {
    expect(await refused({ ...params(1), host: HOST })).toContain('localhost:1')
  })
})

describe('the settings for mails', () => {
  it('are kept until they are cleared, also by their older names', async () => {
    const smtp = async () =>
      (await world.ok('db.dump', { pointer: '/public/serverInfo/smtp' })) as { value: unknown }
    await world.ok('server.set-smtp', {
      server: 'mail.example.com',
      login: 'attic',
      port: 587,
      from: 'a@b.example',
    })
    expect((await smtp()).value).toEqual({
      host: 'mail.example.com',
      port: 587,
      from: 'a@b.example',
      username: 'attic',
      password: null,
      security: 'starttls',
    })
    await world.ok('server.clear-smtp', {})
    expect((await smtp()).value).toBeNull()
  })
})
