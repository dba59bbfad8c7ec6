import type { DatabaseConnection, Driver } from 'kysely'

/**
 * Provides one connection to Kysely. Transactions belong to the store: a transaction begun here would include the
 * operations of others.
 */
export class SingleConnectionDriver implements Driver {
  readonly #connection: DatabaseConnection
  readonly #close: () => void

  /** @param close called when the handle is destroyed; nothing if the connection outlives it */
  constructor(connection: DatabaseConnection, close: () => void = () => undefined) {
    this.#connection = connection
    this.#close = close
  }

  async init(): Promise<void> {}
  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection)
  }
  beginTransaction(): Promise<void> {
    return Promise.reject(new Error('transactions belong to the store: hand it an operation'))
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  destroy(): Promise<void> {
    this.#close()
    return Promise.resolve()
  }
}
