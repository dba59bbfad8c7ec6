import { type Driver, Kysely } from 'kysely'
import type { DatabaseConnection } from 'kysely'
import type { Fact } from '../facts.ts'
import { type QueryConnection, setConnection } from './query-connection.ts'
import type { Db, Tables } from './schema.ts'
import type { Transaction } from './store.ts'

/** A fact for the memory of the hub, or a function that runs in this process. */
export type Effect = Fact | (() => void)

type Work = (db: Db) => Promise<void>

/** What an operation has asked for besides its queries. */
export interface OperationHandle {
  tx: Transaction
  /** To run just before COMMIT. */
  work: Work[]
  derived: Work[]
  /** The length of the texts that `derived` works on. */
  derivedCharacters: number
  /** To run after COMMIT. */
  effects: Effect[]
  /** To run instead of the effects, if there is no COMMIT. */
  undo: (() => void)[]
  /** Makes the handle unusable. */
  close: () => void
}

interface CountingConnection extends DatabaseConnection, QueryConnection {
  writtenBytes: number
}

/**
 * Creates the handle of an operation.
 * @param db an instance of Kysely over the connection
 * @param onTell is called with each fact
 */
export function createOperationHandle(
  connection: CountingConnection,
  db: Db,
  now: number,
  onTell: (fact: Fact) => void = () => undefined,
): OperationHandle {
  let alive = true
  let bytesBefore = connection.writtenBytes
  const liveConnection = (): CountingConnection => {
    if (!alive) throw new Error('this operation has ended: its handle must not be used after it has returned')
    return connection
  }
  const requireAlive = (): void => {
    if (!alive) throw new Error('this operation has ended')
  }
  const executor = db.getExecutor().withConnectionProvider({
    provideConnection: (consumer) => consumer(liveConnection()),
  })
  const own = new Kysely<Tables>({ config: noConfig, dialect: noDialect, driver: noDriver, executor })
  setConnection(own, liveConnection)
  const handle: OperationHandle = {
    work: [],
    derived: [],
    derivedCharacters: 0,
    effects: [],
    undo: [],
    close: () => {
      alive = false
    },
    tx: {
      db: own,
      now,
      beforeCommit: (run) => {
        requireAlive()
        handle.work.push(run)
      },
      updateDerived: (run, characters = 0) => {
        requireAlive()
        handle.derived.push(run)
        handle.derivedCharacters += characters
      },
      tell: (fact) => {
        requireAlive()
        handle.effects.push(fact)
        onTell(fact)
      },
      after: (effect) => {
        requireAlive()
        handle.effects.push(effect)
      },
      ifRolledBack: (undo) => {
        requireAlive()
        handle.undo.push(undo)
      },
      written: () => connection.writtenBytes - bytesBefore,
      replace: (bytes) => {
        bytesBefore += bytes
      },
    },
  }
  return handle
}

/** Runs effects in the given order, so that facts and local functions of one operation stay in sequence. */
export function runEffects(effects: readonly Effect[], applyFacts: (facts: readonly Fact[]) => void): void {
  let facts: Fact[] = []
  for (const effect of effects) {
    if (typeof effect !== 'function') {
      facts.push(effect)
      continue
    }
    applyFacts(facts)
    facts = []
    effect()
  }
  applyFacts(facts)
}

/** None of these operations will be committed; they may run again. */
export function runUndo(handles: Iterable<Pick<OperationHandle, 'undo'>>): void {
  for (const { undo } of handles) for (const run of undo.splice(0)) run()
}

// Kysely requires these to make a handle over a given executor; an operation uses none of them.
const throwUnsupported = (): never => {
  throw new Error('an operation is a transaction already')
}
const noDriver = {
  init: throwUnsupported,
  acquireConnection: throwUnsupported,
  beginTransaction: throwUnsupported,
  commitTransaction: throwUnsupported,
  rollbackTransaction: throwUnsupported,
  releaseConnection: throwUnsupported,
  destroy: throwUnsupported,
} satisfies Driver
const noDialect = {
  createAdapter: throwUnsupported,
  createDriver: throwUnsupported,
  createIntrospector: throwUnsupported,
  createQueryCompiler: throwUnsupported,
}
const noConfig = { dialect: noDialect }
