/** How a file's text and its data are turned into each other. Parsers are loaded when first used. */
export interface Format {
  parse(text: string): Promise<unknown>
  print(data: unknown): Promise<string>
}

export const json: Format = {
  parse: async (text) => JSON.parse(text) as unknown,
  print: async (data) => JSON.stringify(data, null, 2),
}

export function yaml(options: object = {}): Format {
  return {
    parse: async (text) => (await import('yaml')).parse(text, options) as unknown,
    print: async (data) => (await import('yaml')).stringify(data, { indent: 2, ...options }),
  }
}

export const toml: Format = {
  parse: async (text) => (await import('@iarna/toml')).default.parse(text),
  print: async (data) => (await import('@iarna/toml')).default.stringify(data as never),
}

export function ini(options: object = {}): Format {
  return {
    parse: async (text) => (await import('ini')).parse(text, options),
    print: async (data) => (await import('ini')).stringify(withoutUndefined(data as object), options),
  }
}

export interface XmlOptions {
  parser?: object | undefined
  builder?: object | undefined
}

export function xml({ parser, builder }: XmlOptions = {}): Format {
  return {
    async parse(text) {
      const { XMLParser } = await import('fast-xml-parser')
      return new XMLParser(parser).parse(text) as unknown
    },
    async print(data) {
      const { XMLBuilder } = await import('fast-xml-parser')
      return new XMLBuilder(builder).build(data) as string
    },
  }
}

/** `KEY=VALUE` lines as they are: no quoting, comments are not kept. */
export const env: Format = {
  async parse(text) {
    const lines = text.split('\n').map((line) => line.trim())
    const pairs = lines.filter((line) => line.includes('=') && !line.startsWith('#'))
    return Object.fromEntries(
      pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
  },
  print: async (data) =>
    Object.entries(withoutUndefined(data as object))
      .map(([key, value]) => `${key}=${String(value)}`)
      .join('\n'),
}

export const text: Format = {
  parse: async (text) => text,
  print: async (data) => String(data),
}

function withoutUndefined(data: object): object {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined))
}
