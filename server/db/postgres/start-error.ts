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
  if (/does not support SSL connections/.test(error.message)) {
    return new StartError(
      'The database server takes no TLS connections: turn "ssl" on there, or leave sslmode out of the address if it is on this computer.',
      { cause: error },
    )
  }
  if (/^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code)) {
    return new StartError(
      `The certificate of the database server is not trusted (${code}): name its CA with sslrootcert=FILE in the address, and use a name of the certificate.`,
      { cause: error },
    )
  }
  if (unreachableCodes.has(code)) {
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

const unreachableCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'EACCES', '57P03'],
])
