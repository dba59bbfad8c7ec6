import type { HubMeta } from '../../shared/contract/hub.ts'
import type { User } from '../../shared/contract/users.ts'
import type { StorageLike } from '../connection/platform.ts'

/** What is known of the last visit before the hub has answered. No secret is in it. */
export interface LastSession {
  meta?: HubMeta | undefined
  /** Who was logged in; their shell opens from the cache. */
  me?: User | undefined
  /** They logged out while the hub could not be told. */
  leaving?: boolean | undefined
}

export class LastSessionStorage {
  readonly #storage: StorageLike
  readonly #key: string

  constructor(storage: StorageLike, base: string) {
    this.#storage = storage
    this.#key = `hubbub${base}`
  }

  read(): LastSession {
    try {
      return (JSON.parse(this.#storage.getItem(this.#key) ?? '{}') as LastSession | null) ?? {}
    } catch {
      return {}
    }
  }

  update(changes: LastSession): void {
    this.#storage.setItem(this.#key, JSON.stringify({ ...this.read(), ...changes }))
  }
}
