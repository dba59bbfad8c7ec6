import { setTimeout as sleep } from 'node:timers/promises'
import { closing } from '../errors.ts'
import type { ConnectionPool, PostgresConnection } from './connection.ts'
import { isConnectionLost, isUnavailable } from './errors.ts'

const doubtLookupIntervalMs = 200

export interface Doubt {
  /** For the question what became of a transaction. */
  pool: ConnectionPool
  isClosed: () => boolean
}

/**
 * Commits a transaction. Returns false if it was rolled back because the connection was lost.
 * @param transaction its number
 */
export async function commit(
  connection: PostgresConnection,
  transaction: string,
  doubt: Doubt,
): Promise<boolean> {
  try {
    const { command } = await connection.client.query('commit')
    // COMMIT of a failed transaction is a rollback without an error
    if (command === 'COMMIT') return true
    throw connection.failure ?? new Error('the transaction had failed before its commit')
  } catch (error) {
    if (!isConnectionLost(error)) throw error
    return isCommitted(transaction, doubt)
  }
}

/** Asks the server what became of a transaction whose connection was lost during COMMIT. */
async function isCommitted(transaction: string, { pool, isClosed }: Doubt): Promise<boolean> {
  for (;;) {
    const status = await lookUp(pool, transaction).catch((error: unknown) => {
      if (isUnavailable(error)) return undefined
      throw error
    })
    if (status === 'committed') return true
    if (status === 'aborted') return false
    if (isClosed()) throw closing()
    await sleep(doubtLookupIntervalMs)
  }
}

async function lookUp(pool: ConnectionPool, transaction: string): Promise<string | undefined> {
  const { connection, release } = await pool.acquire()
  try {
    const [row] = await connection.all<{ status: string | null }>(
      'select pg_xact_status($1::xid8) as status',
      [transaction],
    )
    return row?.status ?? undefined
  } finally {
    release()
  }
}
