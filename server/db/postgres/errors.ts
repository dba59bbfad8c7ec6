import pg from 'pg'
import { HubError } from '../../../shared/errors.ts'

/* The kinds of errors of PostgreSQL that the hub tells apart: docs "Appendix A. PostgreSQL Error Codes". */

function codeOf(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.code ?? '') : ''
}

/** Two operations met: whichever failed was rolled back, and may run again. */
export function isConflict(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error))
}

/** A row that another operation has just written, or deleted: it is visible when the operation runs again. */
export function isRowConflict(error: unknown): boolean {
  return ['23503', '23505'].includes(codeOf(error))
}

export function isDiskFull(error: unknown): boolean {
  return codeOf(error) === '53100'
}

/** A page of a table makes no sense. */
export function isDamaged(error: unknown): boolean {
  return codeOf(error).startsWith('XX00')
}

/** A statement took longer than it may. */
export function isTimeout(error: unknown): boolean {
  return codeOf(error) === '57014'
}

/** The connection is gone, or the server ends: what was sent last may have been carried out. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof HubError) return false
  const code = codeOf(error)
  if (code !== '') return code.startsWith('57P') || code.startsWith('08') || code === '25P03'
  return isNetworkError(error)
}

const networkCodes = [
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'ENOENT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]
/** The driver has no codes for these. */
const lostConnection =
  /connection terminated|connection error|not queryable|timeout exceeded when trying to connect/i

function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code: unknown = (error as { code?: unknown }).code
  return (typeof code === 'string' && networkCodes.includes(code)) || lostConnection.test(error.message)
}

/** The server accepts no connection now. */
export function isUnavailable(error: unknown): boolean {
  return isConnectionLost(error) || ['53300', '57P03'].includes(codeOf(error))
}

export function unavailable(cause: unknown): HubError {
  return new HubError('busy', 'The hub’s database cannot be reached. Try again shortly.', {
    retryAfter: 2,
    cause,
  })
}
