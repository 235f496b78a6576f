import type { Command } from 'commander'
import { CodedError } from '@startd/base/errors.ts'
import { addImage, convert, editManifest } from '../../../s9pk/cli/index.ts'
import { type ImageRecipe, PLAIN_IMAGE } from '../../../s9pk/pack/images/recipe.ts'
import { KEY_OPTION, type KeyFlags, type Print, type WorkView, example, more, show, work } from './tool.ts'

/** `s9pk edit` and `convert`: the commands that change package files in place. */
export function addChangeCommands(group: Command, print: Print): void {
  const edit = group
    .command('edit')
    .description('Change a package file in place and sign it anew: … <s9pk> manifest, or … <s9pk> add-image')
    .argument('<s9pk>', 'Package file')
    .argument('<what>', 'manifest or add-image')
    .argument('<how>', 'A jq expression for the manifest; the id of the image')
    .option('--arch <arch>', 'Architecture of the image (repeatable)', more, [])
    .option('--emulate-missing-as <arch>', 'The one of them that other machines shall emulate')
    .option('--nvidia-container', 'The image uses NVIDIA graphics')
    .option('--directory <dir>', 'Root file system: a directory; {arch} in paths stands for the architecture')
    .option('--tar <file>', 'Root file system: a tar archive')
    .option('--squashfs <file>', 'Root file system: a squashfs')
    .option('--oci <path>', 'Root file system: an OCI image layout, or what docker save wrote')
    .option('--docker-tag <tag>', 'Root file system: an image of a container registry')
    .option('--docker-build', 'Root file system: built from a Dockerfile')
    .option('--dockerfile <file>', 'Dockerfile; Dockerfile in the work directory unless given')
    .option('--workdir <dir>', 'Directory whose files the Dockerfile may copy; . unless given')
    .option(...KEY_OPTION)
  example(
    edit,
    'start-cli s9pk edit my-service.s9pk manifest \'.title = "My Service"\'',
    'start-cli s9pk edit my-service.s9pk add-image db --arch x86_64 --directory ./rootfs',
  ).action(async (path: string, what: string, how: string, flags: EditFlags) => {
    const { developerKeyPath: developerKey, arch, emulateMissingAs, nvidiaContainer } = flags
    const common = (view: WorkView, signal: AbortSignal) => ({
      developerKey,
      signal,
      onProgress: (done: number, total: number) => view.progress(done, total),
    })
    switch (what) {
      case 'manifest':
        return show(edit, print, await work((view, signal) => editManifest(path, how, common(view, signal))))
      case 'add-image': {
        const recipe = recipeOf(flags)
        const image = { recipe, arch, emulateMissingAs, nvidiaContainer }
        const manifest = await work((view, signal) =>
          addImage(path, how, { ...image, ...common(view, signal), onStep: (text) => view.step(text) }),
        )
        return show(edit, print, manifest.images)
      }
      default:
        throw new CodedError('InvalidRequest', `“${what}” cannot be edited; say manifest or add-image`)
    }
  })

  const converting = group
    .command('convert')
    .description('Bring a package file, in place, into the order that servers want; its signature holds')
    .argument('<s9pk>', 'Package file')
  example(converting, 'start-cli s9pk convert my-service.s9pk').action(async (path: string) => {
    const changed = await work((view, signal) =>
      convert(path, { onProgress: (done, total) => view.progress(done, total), signal }),
    )
    show(converting, print, { path, changed }, changed ? path : `${path} is in that order already`)
  })
}

interface EditFlags extends KeyFlags {
  arch: string[]
  emulateMissingAs?: string
  nvidiaContainer?: boolean
  directory?: string
  tar?: string
  squashfs?: string
  oci?: string
  dockerTag?: string
  dockerBuild?: boolean
  dockerfile?: string
  workdir?: string
}

function recipeOf(flags: EditFlags): ImageRecipe {
  const { directory, tar, squashfs, oci, dockerTag, dockerBuild, dockerfile, workdir } = flags
  const sources: (Partial<ImageRecipe> | undefined)[] = [
    directory === undefined ? undefined : { directory },
    tar === undefined ? undefined : { tar },
    squashfs === undefined ? undefined : { squashfs },
    oci === undefined ? undefined : { oci: { path: oci, tag: undefined } },
    dockerTag === undefined ? undefined : { registry: { reference: dockerTag, insecure: false } },
    dockerBuild
      ? {
          dockerfile: {
            file: dockerfile ?? `${workdir ?? '.'}/Dockerfile`,
            context: workdir,
            target: undefined,
            args: {},
          },
        }
      : undefined,
  ]
  const [source, ...others] = sources.filter((one) => one !== undefined)
  if (!source || others.length > 0) {
    const names = '--directory, --tar, --squashfs, --oci, --docker-tag or --docker-build'
    throw new CodedError('InvalidRequest', `say where the root file system comes from with one of ${names}`)
  }
  return { ...PLAIN_IMAGE, ...source }
}
