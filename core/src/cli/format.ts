/** How results are printed; `table` is for people. */
export const FORMATS = ['table', 'json', 'json-pretty', 'yaml'] as const
export type Format = (typeof FORMATS)[number]
