import * as zod from 'zod'

export * from 'zod'

/** Objects keep keys that the shape does not name. */
export const object = zod.looseObject

/** The schema with every object in it, however deep, keeping unknown keys. */
export function deepLoose<T extends zod.ZodType>(schema: T): T {
  return rebuild(schema, (shape) => zod.looseObject(mapShape(shape, deepLoose))) as T
}

/** The schema with every key of every object in it optional. */
export function deepPartial<T extends zod.ZodType>(schema: T): zod.ZodType<DeepPartialOutput<T>> {
  const optional = (field: zod.ZodType): zod.ZodType => deepPartial(field).optional()
  return rebuild(schema, (shape) => zod.looseObject(mapShape(shape, optional))) as zod.ZodType<
    DeepPartialOutput<T>
  >
}

type DeepPartialOutput<T extends zod.ZodType> = Partially<zod.output<T>>
type Partially<T> = T extends readonly (infer Item)[]
  ? Partially<Item>[]
  : T extends object
    ? { [K in keyof T]?: Partially<T[K]> | undefined }
    : T

type Shape = Record<string, zod.ZodType>

function mapShape(shape: Shape, change: (field: zod.ZodType) => zod.ZodType): Shape {
  return Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, change(field)]))
}

/** Rebuilds containers around objects; other wrappers (`catch`, `default`, …) stay as they are. */
function rebuild(schema: zod.ZodType, onObject: (shape: Shape) => zod.ZodType): zod.ZodType {
  const inner = (part: unknown): zod.ZodType => rebuild(part as zod.ZodType, onObject)
  if (schema instanceof zod.ZodObject) return onObject(schema.shape as Shape)
  if (schema instanceof zod.ZodArray) return zod.array(inner(schema.element))
  if (schema instanceof zod.ZodOptional) return inner(schema.unwrap()).optional()
  if (schema instanceof zod.ZodNullable) return inner(schema.unwrap()).nullable()
  if (schema instanceof zod.ZodUnion) return zod.union(schema.options.map(inner))
  if (schema instanceof zod.ZodIntersection)
    return zod.intersection(inner(schema.def.left), inner(schema.def.right))
  if (schema instanceof zod.ZodRecord)
    return zod.record(schema.keyType as zod.ZodString, inner(schema.valueType))
  if (schema instanceof zod.ZodTuple) {
    const items = schema.def.items.map(inner) as [zod.ZodType, ...zod.ZodType[]]
    return zod.tuple(items)
  }
  if (schema instanceof zod.ZodLazy) return zod.lazy(() => inner(schema.unwrap()))
  return schema
}
