import { CodedError } from '@startd/base/errors.ts'
import type { EffectsHost, Handlers } from './host.ts'

/** What belongs to the server as a whole, and what it does not offer yet (effects.md §3.3, §11.4, §11.5, §12). */
export function system({
  db,
  callbacks,
  version,
}: Pick<EffectsHost, 'db' | 'callbacks' | 'version'>): Handlers<
  | 'echo'
  | 'git-info'
  | 'clear-callbacks'
  | 'get-system-smtp'
  | 'get-ssl-certificate'
  | 'get-ssl-key'
  | 'plugin.url.register'
  | 'plugin.url.export-url'
  | 'plugin.url.clear-urls'
> {
  const noCertificates = () => {
    throw new CodedError('OpenSsl', 'this server cannot issue certificates yet')
  }
  const noUrlPlugins = () => {
    throw new CodedError('InvalidRequest', 'this server does not take addresses from other services yet')
  }
  return {
    echo: ({ message }) => message,
    'git-info': () => version,
    'clear-callbacks': ({ only, except }) => {
      callbacks.clear({ only, except })
      return null
    },
    'get-system-smtp': async ({ callback }) => {
      callbacks.onChange(callback, ['public', 'serverInfo', 'smtp'])
      return db.peek().public.serverInfo.smtp
    },
    'get-ssl-certificate': noCertificates,
    'get-ssl-key': noCertificates,
    'plugin.url.register': noUrlPlugins,
    'plugin.url.export-url': noUrlPlugins,
    'plugin.url.clear-urls': () => null,
  }
}
