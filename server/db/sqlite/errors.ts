/* The kinds of errors of SQLite that the hub tells apart. */

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : ''
}

/** By name: the driver's class is another one in each thread. */
export function isSqliteError(error: unknown): boolean {
  return error instanceof Error && error.constructor.name === 'SqliteError'
}

export function isDiskFull(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_FULL'
}

/** Reading or writing the file failed: nobody knows what is on the disk. */
export function isInDoubt(error: unknown): boolean {
  const code = codeOf(error)
  return code.startsWith('SQLITE_IOERR') || code === 'SQLITE_NOTADB'
}

/** A page of the file makes no sense. SQLite notices it before it changes anything. */
export function isDamaged(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_CORRUPT')
}
