import { Kysely, type Driver } from 'kysely'
import type { Fact } from '../../facts.ts'
import type { Db, Tables } from '../schema.ts'
import type { Transaction } from '../store.ts'
import { setConnection, type SqliteConnection } from './connection.ts'

/** A fact for the memory of the hub, or a function that runs in this process. */
export type Effect = Fact | (() => void)

/** The handle of one operation, with what the operation has asked for. */
export interface TransactionHandle {
  readonly tx: Transaction
  readonly work: ((db: Db) => void)[]
  readonly derived: ((db: Db) => void)[]
  readonly derivedCharacters: () => number
  readonly effects: Effect[]
  /** From now on the handle is unusable. */
  readonly close: () => void
}

export function createHandle(shared: Db, connection: SqliteConnection, now: number): TransactionHandle {
  let alive = true
  const work: TransactionHandle['work'] = []
  const derived: TransactionHandle['derived'] = []
  let derivedCharacters = 0
  const effects: Effect[] = []
  let bytesBefore = connection.writtenBytes
  const aliveConnection = (): SqliteConnection => {
    if (!alive) throw new Error('this operation has ended: its handle must not be used after it has returned')
    return connection
  }
  const requireAlive = (): void => {
    if (!alive) throw new Error('this operation has ended')
  }
  const executor = shared.getExecutor().withConnectionProvider({
    provideConnection: (consumer) => consumer(aliveConnection()),
  })
  const db = new Kysely<Tables>({ config: noConfig, dialect: noDialect, driver: noDriver, executor })
  setConnection(db, aliveConnection)
  const tx: Transaction = {
    db,
    now,
    beforeCommit: (run) => {
      requireAlive()
      work.push(run)
    },
    updateDerived: (run, characters = 0) => {
      requireAlive()
      derived.push(run)
      derivedCharacters += characters
    },
    tell: (fact) => {
      requireAlive()
      effects.push(fact)
    },
    after: (effect) => {
      requireAlive()
      effects.push(effect)
    },
    written: () => connection.writtenBytes - bytesBefore,
    replace: (bytes) => {
      bytesBefore += bytes
    },
  }
  const close = (): void => {
    alive = false
  }
  return { tx, work, derived, derivedCharacters: () => derivedCharacters, effects, close }
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
