import type { LocksLike } from '../../renderer/connection/platform.ts'

interface Holder {
  tab: object
  run: () => void
}

/** The locks that the tabs of a browser share. A tab that ends gives back its own, and waits for no other. */
export class TabLocks {
  /** By name: first the tab that has the lock, then those that wait for it. */
  readonly #queues = new Map<string, Holder[]>()

  of(tab: { isDead: boolean }): LocksLike {
    return {
      request: (name, run) =>
        new Promise((resolve, reject) => {
          if (tab.isDead) return
          const holder: Holder = {
            tab,
            run: () =>
              void Promise.try(run)
                .then(resolve, reject)
                .finally(() => this.#remove(name, holder)),
          }
          const queue = this.#queues.get(name) ?? []
          this.#queues.set(name, queue)
          queue.push(holder)
          if (queue.length === 1) holder.run()
        }),
    }
  }

  release(tab: object): void {
    for (const [name, queue] of this.#queues)
      for (const holder of [...queue]) if (holder.tab === tab) this.#remove(name, holder)
  }

  #remove(name: string, holder: Holder): void {
    const queue = this.#queues.get(name) ?? []
    const at = queue.indexOf(holder)
    if (at < 0) return
    queue.splice(at, 1)
    // a microtask later, as the promise of the one before
    if (at === 0) void Promise.resolve().then(() => queue[0]?.run())
  }
}
