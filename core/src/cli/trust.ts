import { readFile } from 'node:fs/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { CodedError } from '@startd/base/errors.ts'
import type { Settings } from './settings.ts'

/** Makes every connection of this program trust what the settings say: calls, uploads and streams alike. */
export async function trust({ host, rootCa, insecure }: Settings): Promise<void> {
  if (!host.startsWith('https:')) return
  if (insecure) {
    process.removeAllListeners('warning')
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    process.stderr.write(
      `Warning: the certificate of ${host} is not checked. Anybody in between can read along.\n`,
    )
    return
  }
  if (rootCa.length === 0) return
  const own = await Promise.all(rootCa.map(readCertificates))
  setDefaultCACertificates([...getCACertificates('default'), ...own.flat()])
}

/** The certificates of a PEM file. */
export async function readCertificates(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CodedError('Filesystem', `The certificate file ${path} cannot be read`, { cause })
  })
  const found = text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g)
  if (found) return found
  throw new CodedError(
    'Pem',
    `${path} holds no certificate (PEM); on the server it is /static/local-root-ca.crt`,
  )
}
