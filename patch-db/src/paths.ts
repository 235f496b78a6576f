/** Keys that may follow in a typed path: members of an object (of any variant of a union), or an array index. */
export type Key<T> = T extends readonly unknown[]
  ? number
  : T extends object
    ? Extract<keyof T, string | number>
    : never

/** The type below key `K`; undefined is part of it wherever the member can be missing. */
export type At<T, K> = T extends readonly (infer E)[]
  ? E | undefined
  : T extends object
    ? K extends NamedKey<T>
      ? T[K]
      : K extends keyof T
        ? T[K] | undefined
        : undefined
    : undefined

/** Keys that the type spells out, as opposed to those of an index signature. */
type NamedKey<T> = keyof { [K in keyof T as Record<never, never> extends Record<K, 1> ? never : K]: 1 } &
  keyof T

export type At2<T, A, B> = At<At<T, A>, B>
export type At3<T, A, B, C> = At<At2<T, A, B>, C>
export type At4<T, A, B, C, D> = At<At3<T, A, B, C>, D>
export type At5<T, A, B, C, D, E> = At<At4<T, A, B, C, D>, E>
export type At6<T, A, B, C, D, E, F> = At<At5<T, A, B, C, D, E>, F>

export type Path0 = readonly []
export type Path1<A> = readonly [A]
export type Path2<A, B> = readonly [A, B]
export type Path3<A, B, C> = readonly [A, B, C]
export type Path4<A, B, C, D> = readonly [A, B, C, D]
export type Path5<A, B, C, D, E> = readonly [A, B, C, D, E]
export type Path6<A, B, C, D, E, F> = readonly [A, B, C, D, E, F]
