import { basename } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { type Commitment, SIGNING_CONTEXT, fromBase64, sign, signedMessage } from '@startd/base/s9pk/index.ts'
import { verify } from '../cli/verify.ts'
import { readDeveloperKey } from '../key-files.ts'
import { printSignature } from '../keys.ts'
import { checkAddress } from './check-address.ts'
import { registryAddress } from './registry-address.ts'
import { callRegistry } from './registry-call.ts'
import { type Upload, upload } from './upload.ts'

export type { Upload } from './upload.ts'

export interface PublishOptions {
  /** Address of the registry, or its name in the workspace. */
  registry?: string | undefined
  registryHostname?: string | undefined
  /** Where uploaded files can be fetched; the package goes to `<id>/<version>/<file name>` below it. */
  base?: string | undefined
  upload: Upload | 's3'
  /** Where the file lies already, in place of an upload. */
  urls?: readonly string[]
  developerKey?: string | undefined
  /** Fetch the published file and check it; default true. */
  check?: boolean
  onStep?: (text: string) => void
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal | undefined
}

export interface Published extends Commitment {
  id: string
  version: string
  registry: string
  urls: string[]
}

/**
 * `s9pk publish`: checks a package, uploads it, checks what can be fetched then, and enters it in a registry, signed
 * with the developer key (s9pk.md §8.1, registry.md §6.2).
 */
export async function publish(path: string, options: PublishOptions): Promise<Published> {
  const { onStep, onProgress, signal } = options
  const work = { signal, ...(onProgress ? { onProgress } : {}) }
  const registry = await registryAddress(options.registry, process.cwd())
  const { seed } = await readDeveloperKey(options.developerKey)
  onStep?.('Checking the package')
  const { id, version, rootSighash, rootMaxsize } = await verify(path, {
    ...(signal && { signal }),
    ...(onProgress ? { onProgress } : {}),
  })
  const commitment = { rootSighash, rootMaxsize }

  const urls = [...(options.urls ?? [])]
  if (urls.length === 0) {
    const key = [id, version.replace(/^#/, ''), basename(path)].join('/')
    const url = addressOf(options.base, key)
    const how: Upload =
      options.upload === 's3' ? { kind: 's3', bucket: url.hostname.split('.')[0] ?? '' } : options.upload
    onStep?.(`Uploading to ${url.href}`)
    await upload(path, url, key, how, work)
    urls.push(url.href)
  }
  for (const url of options.check === false ? [] : urls) {
    onStep?.(`Checking ${url}`)
    await checkAddress(url, commitment, work)
  }
  onStep?.(`Entering it in ${registry.host}`)
  const signature = printSignature(
    sign(signedMessage(fromBase64(rootSighash), rootMaxsize), seed, SIGNING_CONTEXT),
  )
  const target = { url: registry, hostname: options.registryHostname, seed, signal }
  await callRegistry(target, 'package.add', { urls, commitment, signature })
  return { id, version, registry: registry.href, urls, ...commitment }
}

function addressOf(base: string | undefined, key: string): URL {
  if (base === undefined || !URL.canParse(base))
    throw new CodedError(
      'InvalidRequest',
      'say below which web address uploaded files can be fetched with --s9pk-s3base, or where the file lies already with --url',
    )
  const path = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%3A', ':')
  return new URL(`${base.replace(/\/+$/, '')}/${path}`)
}
