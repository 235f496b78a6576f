import { Ledger } from './ledger.ts'
import { bindRoots } from './carry/bind-roots.ts'
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

/** Who starts compose: what images expect that leave it to the user. */
const USUAL_IDS = ['UID', 'GID', 'PUID', 'PGID'].map((name) => [name, '1000'] as const)

/** One conversion under way: what the compose file says, and what the package has so far. */
export class Conversion {
  readonly id: string
  readonly document: ComposeDocument
  readonly files: ProjectFiles
  readonly file: ComposeFile
  readonly values: ReadonlyMap<string, string>
  /** The same, and what the shell that starts compose usually adds. */
  readonly fixedValues: ReadonlyMap<string, string>
  readonly serviceNames: ReadonlySet<string>
  /** Places of the host that services mount. */
  readonly bindRoots: readonly string[]
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
    this.fixedValues = new Map([...USUAL_IDS, ...loaded.values])
    this.serviceNames = new Set(names)
    this.ledger = new Ledger(loaded.document)
    this.assets = new Assets(loaded.files, loaded.document)
    this.localImages = localImages
    this.fixedVariables = fixedVariables(loaded)
    this.bindRoots = bindRoots(this, loaded.services)
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

  /** The first variable of a text that has no value and no fallback; null when there is none. */
  withoutValue(path: Path, raw: string): string | null {
    const template = this.template(path, raw)
    const { missing } = fillIn(template, this.fixedValues)
    const needed = references(template).find(
      ({ name, required }) => required !== null && !this.fixedValues.get(name),
    )
    return needed?.name ?? missing[0] ?? null
  }

  /** A text that must be known now, such as the name of an image. Variables have the values of `.env`. */
  fixed(path: Path, raw: string): string {
    const template = this.template(path, raw)
    const named = references(template)
    if (named.length === 0) return template.join('')
    const unknown = this.withoutValue(path, raw)
    if (unknown !== null) {
      const what = `the variable ${unknown} has no value; give it one in .env beside the compose file`
      throw this.document.error('InvalidRequest', path, what)
    }
    const { text } = fillIn(template, this.fixedValues)
    this.ledger.list('changed', path, `“${raw}” is fixed to “${text}” in the package.`)
    return text
  }
}
