import { computed, type Signal, signal } from '@angular/core'
import type { Text } from '../i18n/texts.ts'
import { disabledReason, type FieldSpec, type InputSpec } from './spec.ts'
import { type Path, pathKey, type Problems, validate } from './validate.ts'
import { type FormValue, initialValue, initialValues, valueAt, withValue } from './values.ts'

/** One form being filled in: plain data, checked after every change. */
export class FormState {
  readonly spec: InputSpec
  readonly #start: FormValue
  readonly #stored: unknown
  readonly #value
  readonly #touched = signal<ReadonlySet<string>>(new Set())
  readonly #tried = signal(false)
  readonly value: Signal<FormValue>
  readonly problems: Signal<Problems>
  readonly isDirty: Signal<boolean>
  readonly tried = this.#tried.asReadonly()

  constructor(spec: InputSpec, stored: unknown, text: Signal<Text>) {
    this.spec = spec
    this.#stored = stored
    this.#start = initialValues(spec, stored)
    this.#value = signal<FormValue>(this.#start)
    this.value = this.#value.asReadonly()
    this.problems = computed(() => validate(spec, this.#value(), text().form))
    this.isDirty = computed(() => this.#value() !== this.#start)
  }

  at(path: Path): unknown {
    return valueAt(this.#value(), path)
  }

  set(path: Path, next: unknown): void {
    this.#value.update((value) => withValue(value, path, next) as FormValue)
  }

  touch(path: Path): void {
    this.#touched.update((touched) => new Set(touched).add(pathKey(path)))
  }

  /** The message to show at a field: only where the person has been, or after a first try. */
  problem(path: Path): string | null {
    const key = pathKey(path)
    return this.#tried() || this.#touched().has(key) ? (this.problems().get(key) ?? null) : null
  }

  /** Whether something below a section needs a look after a try. */
  hasProblemBelow(path: Path): boolean {
    const prefix = `${pathKey(path)}/`
    return this.#tried() && [...this.problems().keys()].some((key) => key.startsWith(prefix))
  }

  hasChanged(path: Path): boolean {
    return this.at(path) !== valueAt(this.#start, path)
  }

  /** Why a field is locked: the package says so, or it was stored and may never change; '' for the latter. */
  lockOf(spec: FieldSpec, path: Path): string | null {
    const reason = disabledReason(spec)
    if (reason !== null) return reason
    if (!('immutable' in spec) || !spec.immutable) return null
    const stored = valueAt(this.#stored, path)
    const isStored = stored !== undefined && stored !== null
    const fallback =
      'default' in spec && typeof spec.default !== 'object' ? initialValue(spec, undefined) : null
    return isStored && stored !== fallback ? '' : null
  }

  /** Marks everything as seen; true when the form may be sent. */
  try(): boolean {
    this.#tried.set(true)
    return this.problems().size === 0
  }
}
