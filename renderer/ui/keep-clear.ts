// What notices that float over the page must not cover: the composers, with the bar above them.

const finders = new Set<() => Iterable<Element>>()

/** Returns the function that ends it. */
export function keepClear(find: () => Iterable<Element>): () => void {
  finders.add(find)
  return () => finders.delete(find)
}

/** The areas that are on screen now. */
export function areasToKeepClear(): DOMRectReadOnly[] {
  return [...finders]
    .flatMap((find) => [...find()].map((element) => element.getBoundingClientRect()))
    .filter(({ width, height }) => width > 0 && height > 0)
}
