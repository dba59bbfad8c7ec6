import { StartError } from '../../start-error.ts'
import { NewerDatabaseError } from '../newer-database.ts'

/** Says what to do about an error of the database server. */
export function toStartError(error: unknown): unknown {
  if (error instanceof StartError || error instanceof NewerDatabaseError) return error
  if (error instanceof AggregateError && error.errors.length > 0) return toStartError(error.errors[0])
  if (!(error instanceof Error)) return error
  const code = String((error as { code?: unknown }).code)
  if (['28P01', '28000'].includes(code)) {
    return new StartError('The database refuses this user or password: check its address.', {
      cause: error,
    })
  }
  if (code === '3D000') {
    return new StartError(
      'The database does not exist on its server: create it with "createdb", then start again.',
      {
        cause: error,
      },
    )
  }
  if (
    ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ETIMEDOUT', 'ENOENT', 'ECONNRESET', '57P03'].includes(code)
  ) {
    return new StartError(
      `The database server cannot be reached (${code}): check that it runs, and its address.`,
      { cause: error },
    )
  }
  if (code === '42501') {
    return new StartError(
      `The user of the database may not create tables there (${error.message}): make it the owner of the database.`,
      { cause: error },
    )
  }
  return error
}
