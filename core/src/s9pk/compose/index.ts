import { basename, resolve } from 'node:path'
import { CodedError } from '@startd/base/errors.ts'
import { PackageId } from '@startd/base/ids.ts'
import { convert } from './convert.ts'
import type { Conversion } from './conversion.ts'
import { generate } from './generate/index.ts'
import type { Finding } from './ledger.ts'
import type { ProjectPlan } from './model.ts'
import { idOf } from './names.ts'
import { loadCompose } from './source/load.ts'
import { writeProject } from './write.ts'

export interface FromComposeOptions {
  /** Where the project goes; default: the id, in the current directory. */
  output?: string | undefined
  /** Of the package; default: the name of the compose project, or of its directory. */
  id?: string | undefined
  title?: string | undefined
  /** Of the package; default: from the tag of the main image. */
  version?: string | undefined
  /** Services with these profiles come along; `*` for all. */
  profiles?: readonly string[] | undefined
  /** Images on this machine, by service or by the name that the compose file has. */
  images?: ReadonlyMap<string, string> | undefined
  projectDirectory?: string | undefined
  envFile?: string | undefined
}

/** A project that is not written yet. */
export interface ComposedProject {
  plan: ProjectPlan
  /** What was not simply carried; the same as in CONVERSION.md. */
  findings: readonly Finding[]
  /** Texts of the project, by path. */
  files: ReadonlyMap<string, string>
  /** Files that are copied as they are. */
  copies: Pick<Conversion, 'assets' | 'builds'>
}

/**
 * Makes a package project out of a compose file, and writes it. Everything of the file is in the project, or
 * listed with what its absence means. Throws coded errors that name line and key for what cannot be understood.
 */
export async function fromCompose(
  file: string,
  options: FromComposeOptions = {},
): Promise<ComposedProject & { directory: string }> {
  const project = await composeProject(file, options)
  const directory = resolve(options.output ?? project.plan.id)
  await writeProject(directory, project.files, project.copies)
  return { directory, ...project }
}

/** The same without writing anything. */
export async function composeProject(
  file: string,
  options: FromComposeOptions = {},
): Promise<ComposedProject> {
  const loaded = await loadCompose(file, options)
  const directoryName = basename(loaded.files.directory)
  const id = options.id ?? idOf(loaded.file.name ?? directoryName, 'my-service')
  if (!PackageId.safeParse(id).success)
    throw new CodedError(
      'InvalidId',
      `“${id}” cannot be the id of a package; use small letters, digits and single dashes`,
    )
  checkVersion(options.version)
  const { plan, conversion } = await convert(loaded, {
    id,
    title: options.title ?? null,
    version: options.version ?? null,
    profiles: options.profiles ?? [],
    localImages: options.images ?? new Map(),
  })
  const { findings } = conversion.ledger
  return {
    plan,
    findings,
    files: generate(plan, loaded.document.file, findings),
    copies: conversion,
  }
}

function checkVersion(version: string | undefined): void {
  if (version !== undefined && !/^\d+(\.\d+)*(-[a-z0-9.]+)?:\d+$/i.test(version))
    throw new CodedError(
      'ParseVersion',
      `“${version}” is not a version of a package; write for example 1.2.3:0`,
    )
}

export type { Finding, Weight } from './ledger.ts'
