import { batch, computed, signal, untracked, type ReadonlySignal, type Signal } from './signal.ts'

/**
 * A map whose values are watched one by one: a row that shows Ann draws again when Ann changes, not when any user does.
 * `values` is for those who show all.
 */
export class SignalMap<V> {
  readonly #signals = new Map<string, Signal<V | undefined>>()
  readonly #version = signal(0)
  readonly values: ReadonlySignal<readonly V[]> = computed(() => {
    void this.#version.value
    return [...this.#signals.values()].map((place) => place.peek()).filter((value) => value !== undefined)
  })

  get(key: string): V | undefined {
    return this.#signalOf(key).value
  }

  peek(key: string): V | undefined {
    return this.#signals.get(key)?.peek()
  }

  set(key: string, value: V): void {
    this.#setValue(key, value)
  }

  delete(key: string): void {
    if (this.#signals.has(key)) this.#setValue(key, undefined)
  }

  /** Replaces the content of the map. */
  replace(entries: Iterable<readonly [string, V]>): void {
    const wanted = new Map(entries)
    batch(() => {
      for (const key of this.keys()) if (!wanted.has(key)) this.delete(key)
      for (const [key, value] of wanted) this.set(key, value)
    })
  }

  clear(): void {
    this.replace([])
  }

  keys(): string[] {
    return [...this.#signals].filter(([, place]) => place.peek() !== undefined).map(([key]) => key)
  }

  #setValue(key: string, value: V | undefined): void {
    const place = this.#signalOf(key)
    if (place.peek() === value) return
    batch(() => {
      place.value = value
      this.#version.value = untracked(() => this.#version.value) + 1
    })
  }

  #signalOf(key: string): Signal<V | undefined> {
    let place = this.#signals.get(key)
    if (!place) this.#signals.set(key, (place = signal<V | undefined>(undefined)))
    return place
  }
}
