import { execFileSync } from 'node:child_process'
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SshKeyResponse } from '@startd/base/rpc/ssh.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthorizedKeys, forgetAuthorizedKeys, openAuthorizedKeys } from '../../src/system/ssh/index.ts'
import { World } from '../api/world.ts'

let home: string
let file: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'startd-home-'))
  file = join(home, '.ssh', 'authorized_keys')
})
afterEach(() => rm(home, { recursive: true }))

/** A new key as its owner has it, made by the program that everybody makes them with. */
async function newKey(kind: string, ...options: string[]): Promise<string> {
  const path = join(home, `key-${kind}-${options.join('')}-${Math.random()}`)
  execFileSync('ssh-keygen', ['-q', '-t', kind, ...options, '-N', '', '-C', 'me@laptop two', '-f', path])
  return readFile(`${path}.pub`, 'utf8')
}

describe('keys that may log in by SSH', () => {
  it('are written where sshd looks, and taken out again', async () => {
    await using world = await World.running({ sshKeys: file })
    const key = await newKey('ed25519')
    const added = (await world.ok('ssh.add', { key })) as SshKeyResponse
    expect(added).toMatchObject({ alg: 'ssh-ed25519', hostname: 'me@laptop two' })
    expect(Date.parse(added.createdAt)).toBeGreaterThan(0)
    expect(await world.ok('ssh.list', {})).toEqual([added])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(home, '.ssh'))).mode & 0o777).toBe(0o700)
    const shown = execFileSync('ssh-keygen', ['-l', '-E', 'md5', '-f', file], { encoding: 'utf8' })
    expect(shown).toContain(`MD5:${added.fingerprint} me@laptop two`)

    expect(await world.ok('ssh.add', { key })).toMatchObject({ createdAt: added.createdAt })
    expect((await readFile(file, 'utf8')).split('\n').filter((line) => line.startsWith('ssh-'))).toHaveLength(
      1,
    )
    await world.ok('ssh.remove', { fingerprint: added.fingerprint })
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
    expect((await world.call('ssh.remove', { fingerprint: added.fingerprint })).body.error?.code).toBe(6)
  })

  it('come beside what others have put there, which stays as it was', async () => {
    const others = 'from="10.0.0.1" ssh-ed25519 AAAA someone\n# no newline at the end'
    const real = join(home, 'keys')
    await mkdir(join(home, '.ssh'))
    await writeFile(real, others)
    await chmod(real, 0o640)
    await symlink(real, file)
    await using world = await World.running({ sshKeys: file })
    const keys = await Promise.all([newKey('ed25519'), newKey('rsa', '-b', '2048'), newKey('ecdsa')])
    const added = (await Promise.all(keys.map((key) => world.ok('ssh.add', { key })))) as SshKeyResponse[]
    const text = await readFile(file, 'utf8')
    expect(text.startsWith(`${others}\n# BEGIN keys of startd`)).toBe(true)
    for (const key of keys) expect(text).toContain(key.trim())
    expect((await lstat(file)).isSymbolicLink()).toBe(true)
    expect((await stat(real)).mode & 0o077).toBe(0)
    for (const { fingerprint } of added) await world.ok('ssh.remove', { fingerprint })
    expect(await readFile(file, 'utf8')).toBe(`${others}\n`)
  })

  it('are there again after a start, if somebody has removed them by hand', async () => {
    const data = await mkdtemp(join(tmpdir(), 'startd-ssh-'))
    const key = await newKey('ed25519')
    {
      await using parts = new AsyncDisposableStack()
      const world = await World.running({ sshKeys: file, data })
      parts.defer(() => world.daemon.stop())
      await world.ok('ssh.add', { key })
    }
    await writeFile(file, '')
    await using world = await World.create({ sshKeys: file, data })
    await world.daemon.started
    expect(await readFile(file, 'utf8')).toContain(key.trim())
  })

  it('move when another file is chosen, and go when the server goes', async () => {
    const [one, two] = [join(home, 'one'), join(home, 'two')]
    await writeFile(one, '# mine\n')
    await (await openAuthorizedKeys(home, one))?.write(['ssh-ed25519 AAAA'])
    expect(await readFile(one, 'utf8')).toContain('AAAA')
    await (await openAuthorizedKeys(home, two))?.write(['ssh-ed25519 AAAA'])
    expect(await readFile(one, 'utf8')).toBe('# mine\n')
    expect(await readFile(two, 'utf8')).toContain('AAAA')
    const other = new AuthorizedKeys(two, join(home, 'another server'))
    await other.write(['ssh-ed25519 BBBB'])
    await forgetAuthorizedKeys(home)
    expect((await readFile(two, 'utf8')).split('\n').filter((line) => line.startsWith('ssh-'))).toEqual([
      'ssh-ed25519 BBBB',
    ])
    await forgetAuthorizedKeys(home)
  })

  it('are refused when they are anything but one plain, strong key', async () => {
    await using world = await World.running({ sshKeys: file })
    const good = (await newKey('ed25519')).trim()
    const [alg, blob = ''] = good.split(' ')
    const weak = await newKey('rsa', '-b', '1024')
    const bad = [
      '',
      'hello',
      `command="rm -rf /" ${good}`,
      `no-pty,${good}`,
      `restrict ${good}`,
      `cert-authority ${good}`,
      `${good}\nssh-ed25519 AAAA evil`,
      `${good}\r* ssh-ed25519`,
      `${alg} ${blob} \u001b]0;title`,
      `${alg} ${blob.slice(0, 20)}`,
      `${alg} ${blob.slice(0, -4)}AAAAAAAA`,
      `ssh-rsa ${blob}`,
      `ssh-dss ${blob}`,
      `ssh-ed25519-cert-v01@openssh.com ${blob}`,
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n-----END OPENSSH PRIVATE KEY-----',
      weak,
    ]
    for (const key of bad) {
      const { body } = await world.call('ssh.add', { key })
      expect([key, body.error?.code]).toEqual([key, 42])
    }
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('are not kept when they cannot be written', async () => {
    await writeFile(join(home, '.ssh'), 'not a directory')
    await using world = await World.running({ sshKeys: file })
    expect((await world.call('ssh.add', { key: await newKey('ed25519') })).body.error?.code).toBe(66)
    expect(await world.ok('ssh.list', {})).toEqual([])
    await using closed = await World.running({ sshKeys: null })
    expect((await closed.call('ssh.add', { key: await newKey('ed25519') })).body.error?.code).toBe(66)
  })
})
