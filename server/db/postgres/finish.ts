import { inOrder } from '../in-order.ts'
import type { OperationHandle } from '../operation-handle.ts'
import type { PostgresConnection } from './connection.ts'
import { isConflict, isConnectionLost, isDiskFull } from './errors.ts'

/** A transaction fails only because of data that can be rebuilt: it may run again without it. */
export class DerivedDamageError extends Error {
  override name = 'DerivedDamage'
}

/**
 * Runs what belongs to the end of a transaction: the audit log, then derived data.
 * @param handles its operations, in the order in which they have ended
 * @throws DerivedDamageError
 */
export async function finish(
  handles: readonly OperationHandle[],
  connection: PostgresConnection,
  db: Parameters<OperationHandle['work'][number]>[0],
  withDerived: boolean,
): Promise<void> {
  const work = handles.flatMap((handle) => handle.work)
  if (work.length > 0) {
    // each row of the log needs the one before it
    await connection.all(`select pg_advisory_xact_lock(${connection.keys.audit})`, [])
    for (const run of work) await run(db)
  }
  if (!withDerived) return
  connection.isDeriving = true
  try {
    await inOrder(
      handles.flatMap((handle) => handle.derived),
      (run) => run(db),
    )
  } catch (error) {
    throw toDerivedDamage(error)
  } finally {
    connection.isDeriving = false
  }
}

export function toDerivedDamage(error: unknown): unknown {
  if (isConflict(error) || isConnectionLost(error) || isDiskFull(error)) return error
  if (error instanceof DerivedDamageError) return error
  return new DerivedDamageError('derived data is damaged', { cause: error })
}
