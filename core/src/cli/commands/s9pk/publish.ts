import type { Command } from 'commander'
import { type Upload, publish } from '../../../s9pk/publish/index.ts'
import { KEY_OPTION, type KeyFlags, type Print, example, more, show, work } from './tool.ts'

/** Environment variable with the `Authorization` of uploads, which has no place on a command line. */
const AUTHORIZATION = 'UPLOAD_AUTHORIZATION'

/** `s9pk publish`. */
export function addPublishCommand(group: Command, print: Print): void {
  const command = group
    .command('publish')
    .description('Upload a package file and enter it in a registry')
    .argument('<s9pk>', 'Package file')
    .option('-r, --registry <url>', 'Registry, or its name in the workspace')
    .option('--registry-hostname <name>', 'Name by which the registry knows itself; its host unless given')
    .option('--s9pk-s3base <url>', 'Web address below which uploaded files can be fetched')
    .option('--s9pk-s3bucket <name>', 'S3 bucket; the first part of that address’s host unless given')
    .option('--put', `Upload with HTTP PUT instead of s3cmd; $${AUTHORIZATION} is sent along`)
    .option('--url <url>', 'Where the file lies already, in place of an upload (repeatable)', more, [])
    .option('--no-verify', 'Do not fetch the published file to check it')
    .option(...KEY_OPTION)
  example(
    command,
    'start-cli s9pk publish my-service.s9pk -r https://registry.example.com --s9pk-s3base https://packages.s3.example.com',
    'start-cli s9pk publish my-service.s9pk -r https://registry.example.com --url https://files.example.com/my-service.s9pk',
  ).action(async (path: string, flags: PublishFlags) => {
    const result = await work((view, signal) =>
      publish(path, {
        registry: flags.registry,
        registryHostname: flags.registryHostname,
        base: flags.s9pkS3base,
        upload: uploadOf(flags),
        urls: flags.url,
        developerKey: flags.developerKeyPath,
        check: flags.verify,
        onStep: (text) => view.step(text),
        onProgress: (done, total) => view.progress(done, total),
        signal,
      }),
    )
    show(command, print, result, `${result.id} ${result.version} is in ${result.registry}`)
  })
}

interface PublishFlags extends KeyFlags {
  registry?: string
  registryHostname?: string
  s9pkS3base?: string
  s9pkS3bucket?: string
  put?: boolean
  url: string[]
  verify: boolean
}

function uploadOf({ put, s9pkS3bucket }: PublishFlags): Upload | 's3' {
  if (put) return { kind: 'put', authorization: process.env[AUTHORIZATION] ?? null }
  return s9pkS3bucket === undefined ? 's3' : { kind: 's3', bucket: s9pkS3bucket }
}
