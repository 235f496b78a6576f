/** A promise that the test fulfils from outside. */
export function event<T = void>(): { promise: Promise<T>; happen: (value: T) => void } {
  let happen: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => (happen = resolve))
  return { promise, happen }
}
