import type { Connection } from './connection.ts'

export interface FlushQueueOptions {
  /** Framing and copying took this time of the loop, in ms. */
  chargeUser: (userId: string, ms: number) => void
  onError: (error: unknown) => void
}

/** Connections that have something to send: at the end of a turn of the loop each sends it as one frame. */
export class FlushQueue {
  readonly #options: FlushQueueOptions
  /** One that is here twice or closed is flushed for nothing. */
  #dirty: Connection[] = []
  #isScheduled = false

  constructor(options: FlushQueueOptions) {
    this.#options = options
  }

  add(connection: Connection): void {
    this.#dirty.push(connection)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.flush())
  }

  flush(): void {
    this.#isScheduled = false
    const dirty = this.#dirty
    this.#dirty = []
    for (const connection of dirty) {
      try {
        if (!connection.hasMuchToSend) connection.flush()
        else this.#flushCharged(connection)
      } catch (error) {
        // an error of one connection ends that one only
        this.#options.onError(error)
        connection.terminate()
      }
    }
  }

  /** Framing and copying a response of a megabyte takes as long as the read. Entries are small, and sent by others. */
  #flushCharged(connection: Connection): void {
    const start = performance.now()
    connection.flush()
    this.#options.chargeUser(connection.viewer.userId, performance.now() - start)
  }
}
