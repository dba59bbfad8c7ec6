import { createHash } from 'node:crypto'

/**
 * The keys of advisory locks. A server knows numbers only, the same for all schemas of a database: a key is the first 8
 * bytes of the SHA-256 of the schema and the name.
 */
export class LockKeys {
  readonly #schema: string
  readonly hub: bigint
  /** Held by the process that serves the hub. */
  readonly process: bigint
  readonly schema: bigint
  /** Held by the process that runs the periodic jobs. */
  readonly jobs: bigint
  /** Shared by backups that read files, alone for the removal of some. */
  readonly files: bigint
  /** Held by a process that starts, until the hub and the mark of its folder are there. */
  readonly start: bigint
  readonly audit: bigint
  /** The list of terms of the search index. */
  readonly terms: bigint

  constructor(schema: string) {
    this.#schema = schema
    this.hub = this.#keyOf('hub')
    this.process = this.#keyOf('process')
    this.schema = this.#keyOf('schema')
    this.jobs = this.#keyOf('jobs')
    this.files = this.#keyOf('files')
    this.start = this.#keyOf('start')
    this.audit = this.#keyOf('audit')
    this.terms = this.#keyOf('search terms')
  }

  #keyOf(name: string): bigint {
    return createHash('sha256').update(`${this.#schema}\n${name}`).digest().readBigInt64BE(0)
  }

  /**
   * Returns the statement that takes the locks of an operation, all of them in the order of their keys: no two operations
   * can wait for each other. An operation without the lock `hub` shares it.
   */
  statementFor(names: 'hub' | readonly string[]): string {
    if (names === 'hub') return `select pg_advisory_xact_lock(${this.hub})`
    const keys = [...new Set(names.map((name) => this.#keyOf(name)))].sort((a, b) => (a < b ? -1 : 1))
    const locks = keys.map((key) => `, pg_advisory_xact_lock(${key})`).join('')
    return `select pg_advisory_xact_lock_shared(${this.hub})${locks}`
  }
}

/** The channel by which the processes of a hub tell each other. */
export function channelOf(keys: LockKeys): string {
  return `hubbub_${keys.process.toString(16)}`
}
