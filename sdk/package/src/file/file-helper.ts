import type { z } from 'zod'
import type { Effects } from '../effects.ts'
import { type DeepPartial, deepMerge } from '../values/deep.ts'
import type { WatchOptions } from '../watchable.ts'
import { deepLoose } from '../zod.ts'
import { type Format, type XmlOptions, env, ini, json, text, toml, xml, yaml } from './format.ts'
import { type FileReader, fileReader } from './reader.ts'
import { exclusively, readText, writeText } from './store.ts'
import { watchFile } from './watch.ts'

/** An absolute path, or one in a volume or subcontainer. */
export type ToPath = string | { base: { subpath(path: string): string }; subpath: string }

export interface Transformers<Raw = unknown, Transformed = unknown> {
  /** From what stands in the file to what the shape describes. */
  onRead: (raw: Raw) => Transformed
  onWrite: (value: Transformed) => Raw
}

export interface WriteOptions {
  /** Lets a script change what it has itself read as a constant. */
  allowWriteAfterConst?: boolean | undefined
}

interface Codec<A> {
  parse(text: string): Promise<unknown>
  print(value: A): Promise<string>
  validate(value: unknown): A
}

type ConstRead<A> = { retry: () => void; same: (now: A | null) => boolean }

/** A configuration file with a shape: read, followed, written and merged as data (sdk.md §12). */
export class FileHelper<A> {
  readonly path: string
  readonly codec: Codec<A>
  constReads: ConstRead<A>[] = []

  constructor(path: string, codec: Codec<A>) {
    this.path = path
    this.codec = codec
  }

  static json<S extends z.ZodType>(
    path: ToPath,
    shape: S,
    transformers?: Transformers,
  ): FileHelper<z.output<S>> {
    return structured(path, shape, json, transformers)
  }

  static yaml<S extends z.ZodType>(
    path: ToPath,
    shape: S,
    options?: object,
    transformers?: Transformers,
  ): FileHelper<z.output<S>> {
    return structured(path, shape, yaml(options), transformers)
  }

  static toml<S extends z.ZodType>(
    path: ToPath,
    shape: S,
    transformers?: Transformers,
  ): FileHelper<z.output<S>> {
    return structured(path, shape, toml, transformers)
  }

  static ini<S extends z.ZodType>(
    path: ToPath,
    shape: S,
    options?: object,
    transformers?: Transformers,
  ): FileHelper<z.output<S>> {
    return structured(path, shape, ini(options), transformers)
  }

  static env<S extends z.ZodType>(
    path: ToPath,
    shape: S,
    transformers?: Transformers,
  ): FileHelper<z.output<S>> {
    return structured(path, shape, env, transformers)
  }

  static xml<S extends z.ZodType>(
    path: ToPath,
    shape: S,
    options?: XmlOptions,
    transformers?: Transformers,
  ): FileHelper<z.output<S>> {
    return structured(path, shape, xml(options), transformers)
  }

  /** A file whose text is the data. */
  static string(path: ToPath): FileHelper<string>
  static string<S extends z.ZodType>(
    path: ToPath,
    shape: S,
    transformers?: Transformers,
  ): FileHelper<z.output<S>>
  static string(path: ToPath, shape?: z.ZodType, transformers?: Transformers): unknown {
    if (shape) return structured(path, shape, text, transformers)
    return new FileHelper<string>(toPath(path), { ...text, validate: (value) => String(value) })
  }

  /** A file of any other format. */
  static raw<A>(
    path: ToPath,
    toFile: (value: A) => string,
    fromFile: (text: string) => unknown,
    validate: (value: unknown) => A,
  ): FileHelper<A> {
    const parse = async (text: string) => fromFile(text)
    return new FileHelper(toPath(path), { parse, print: async (value) => toFile(value), validate })
  }

  /** The same kind of file at another path. */
  withPath(path: ToPath): FileHelper<A> {
    return new FileHelper(toPath(path), this.codec)
  }

  /** Ways to read it; null stands for a file that does not exist or is empty. */
  read(): FileReader<A>
  read<B>(map: (value: A) => B, eq?: (a: B | null, b: B | null) => boolean): FileReader<B>
  read<B>(map?: (value: A) => B, eq?: (a: B | null, b: B | null) => boolean): FileReader<B> {
    const fetch = async (changed?: () => void, stop?: AbortSignal): Promise<A | null> => {
      // Watched before it is read: nothing that happens in between is missed.
      if (changed) watchFile(this.path, changed, stop)
      return this.load()
    }
    const mapped = map && ((value: A | null) => (value === null ? null : map(value)))
    const options: WatchOptions<A | null, B | null> = { map: mapped, eq }
    return fileReader<A, B>(fetch, options, (effects, same) => {
      const retry = effects.constRetry
      if (retry) this.constReads.push({ retry, same })
    })
  }

  /** Replaces the whole content. */
  async write(effects: Effects, data: A, options: WriteOptions = {}): Promise<null> {
    return exclusively(this.path, async () => {
      const valid = this.codec.validate(data)
      this.checkConst(effects, valid, options)
      await writeText(this.path, await this.codec.print(valid))
      return null
    })
  }

  /** Lays the data over what is there, key by key; `undefined` takes a key away. */
  async merge(effects: Effects, data: DeepPartial<A>, options: WriteOptions = {}): Promise<null> {
    return exclusively(this.path, async () => {
      const before = await readText(this.path)
      const raw = before === null ? null : await this.codec.parse(before)
      const merged = raw === null || raw === undefined ? data : deepMerge(this.tidied(raw), data)
      const valid = this.codec.validate(merged)
      const after = await this.codec.print(valid)
      if (after === before) return null
      this.checkConst(effects, valid, options)
      await writeText(this.path, after)
      return null
    })
  }

  async load(): Promise<A | null> {
    const text = await readText(this.path)
    if (text === null) return null
    const parsed = await this.codec.parse(text)
    return parsed ? this.codec.validate(parsed) : null
  }

  /** The data with defaults filled in; as it is, where it does not fit the shape. */
  tidied(raw: unknown): unknown {
    try {
      return this.codec.validate(raw)
    } catch {
      return raw
    }
  }

  /** A script that changes its own constant would run again and again: refused before anything is written. */
  checkConst(effects: Effects, value: A, { allowWriteAfterConst = false }: WriteOptions): void {
    const retry = effects.constRetry
    if (!retry || allowWriteAfterConst) return
    const changed = this.constReads.some((read) => read.retry === retry && !read.same(value))
    if (changed) throw new Error(`Canceled: write after const: ${this.path}`)
  }
}

function structured<S extends z.ZodType>(
  path: ToPath,
  shape: S,
  format: Format,
  transformers?: Transformers,
): FileHelper<z.output<S>> {
  const loose = deepLoose(shape)
  return new FileHelper<z.output<S>>(toPath(path), {
    async parse(text) {
      const raw = await format.parse(text)
      return transformers ? transformers.onRead(raw) : raw
    },
    print: (value) => format.print(transformers ? transformers.onWrite(value) : value),
    validate: (value) => loose.parse(value),
  })
}

function toPath(path: ToPath): string {
  return typeof path === 'string' ? path : path.base.subpath(path.subpath)
}
