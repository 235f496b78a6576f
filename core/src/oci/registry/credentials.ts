import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** User name and password for a registry. */
export interface Credentials {
  username: string
  password: string
}

const AuthFile = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).default({}),
})

/** Where `docker login`, `podman login` and `buildah login` keep what they were told. */
function authFiles(env: NodeJS.ProcessEnv): string[] {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME, DOCKER_CONFIG } = env
  return [
    REGISTRY_AUTH_FILE,
    XDG_RUNTIME_DIR && join(XDG_RUNTIME_DIR, 'containers/auth.json'),
    join(XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'containers/auth.json'),
    join(DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json'),
  ].filter((path): path is string => path !== undefined && path !== '')
}

/** The log-in that is stored for a registry; null without one. Files that cannot be read are passed over. */
export async function storedCredentials(host: string, env = process.env): Promise<Credentials | null> {
  const keys = host === 'docker.io' ? ['docker.io', 'https://index.docker.io/v1/', 'index.docker.io'] : [host]
  for (const path of authFiles(env)) {
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === null) continue
    const auths = authsIn(text)
    const auth = keys.map((key) => auths[key]?.auth).find((found) => found !== undefined)
    const [username, ...password] = Buffer.from(auth ?? '', 'base64')
      .toString()
      .split(':')
    if (username && password.length > 0) return { username, password: password.join(':') }
  }
  return null
}

function authsIn(text: string): z.infer<typeof AuthFile>['auths'] {
  try {
    return AuthFile.parse(JSON.parse(text)).auths
  } catch {
    return {}
  }
}
