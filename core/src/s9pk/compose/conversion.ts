import { Ledger } from './ledger.ts'
import type { FillPlan, ImagePlan } from './model.ts'
import { Assets } from './assets.ts'
import type { ComposeFile } from './schema/compose-file.ts'
import { Settings } from './settings/registry.ts'
import type { ComposeDocument } from './source/document.ts'
import type { Loaded } from './source/load.ts'
import { fixedVariables } from './fixed-variables.ts'
import type { Path } from './source/place.ts'
import type { ProjectFiles } from './source/project-files.ts'
import { type Template, TemplateError, fillIn, parseTemplate, references } from './source/template.ts'

/** One conversion under way: what the compose file says, and what the package has so far. */
export class Conversion {
  readonly id: string
  readonly document: ComposeDocument
  readonly files: ProjectFiles
  readonly file: ComposeFile
  readonly values: ReadonlyMap<string, string>
  readonly serviceNames: ReadonlySet<string>
  readonly ledger: Ledger
  readonly settings = new Settings()
  readonly assets: Assets
  readonly images = new Map<string, ImagePlan>()
  /** Ids of volumes by what they are made of in the compose file. */
  readonly volumes = new Map<string, string>()
  readonly volumeIds = new Set<string>()
  readonly fills: FillPlan[] = []
  /** Names, besides those of the services, under which services are called. */
  readonly aliases = new Set<string>()
  readonly extraHosts = new Map<string, string>()
  readonly sysctls = new Map<string, string>()
  readonly devices = { hardwareAcceleration: false, virtualNetworking: false, userspaceFilesystems: false }
  /** Build contexts, by their place in the project. */
  readonly builds = new Map<string, { directory: string; dockerfile: string | null }>()
  /** Variables that say where things are or which image is taken: they are fixed when the package is made. */
  readonly fixedVariables: ReadonlySet<string>
  /** Where images come from that are not fetched: by service or reference. */
  readonly localImages: ReadonlyMap<string, string>

  constructor(id: string, loaded: Loaded, names: Iterable<string>, localImages: ReadonlyMap<string, string>) {
    this.id = id
    this.document = loaded.document
    this.files = loaded.files
    this.file = loaded.file
    this.values = loaded.values
    this.serviceNames = new Set(names)
    this.ledger = new Ledger(loaded.document)
    this.assets = new Assets(loaded.files, loaded.document)
    this.localImages = localImages
    this.fixedVariables = fixedVariables(loaded)
  }

  /** A text of the compose file with the variables in it. */
  template(path: Path, raw: string): Template {
    try {
      return parseTemplate(raw)
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      throw this.document.error('Deserialization', path, error.message)
    }
  }

  /** A text that must be known now, such as the name of an image. Variables have the values of `.env`. */
  fixed(path: Path, raw: string): string {
    const template = this.template(path, raw)
    const named = references(template)
    if (named.length === 0) return template.join('')
    const { text, missing } = fillIn(template, this.values)
    const needed = named.find(({ name, required }) => required !== null && !this.values.get(name))
    if (needed || missing.length > 0) {
      const name = needed?.name ?? missing[0] ?? ''
      const what = `the variable ${name} has no value; give it one in .env beside the compose file`
      throw this.document.error('InvalidRequest', path, what)
    }
    this.ledger.list('changed', path, `“${raw}” is fixed to “${text}” in the package.`)
    return text
  }
}
