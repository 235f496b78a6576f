declare module 'ini' {
  export function parse(text: string, options?: object): Record<string, unknown>
  export function stringify(value: object, options?: object): string
}
