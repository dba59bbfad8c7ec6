/** What is known of the object store that has the files, from the requests to it. */
export interface StoreState {
  /** The store did what the latest request asked; undefined before the first. */
  works?: boolean
  /** From the latest request that worked until its response began. */
  latencyMs?: number
  lastFailure?: StoreFailure
  /** Requests that failed for good, since the start of the process. */
  failures: number
}

export interface StoreFailure {
  /** Wall time in ms. */
  at: number
  /** Of the store, such as AccessDenied, or of the system, such as ECONNREFUSED. */
  code: string
}

/** A place of files that can be away while the hub runs. */
export interface ObservedStore {
  /** For messages. */
  readonly name: string
  readonly state: Readonly<StoreState>
  /** Asks the store for the mark of the hub. The state has the result. */
  probe(): Promise<void>
}
