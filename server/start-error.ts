import type { HubProblemCode } from '../shared/hub-process-messages.ts'

/**
 * The reason why the hub cannot start or run a command. Its message is a sentence for the user that says what to do.
 */
export class StartError extends Error {
  override name = 'StartError'
  /** A code for programs that can handle the problem themselves. */
  readonly code: HubProblemCode

  constructor(message: string, options: ErrorOptions & { code?: HubProblemCode } = {}) {
    super(message, options)
    this.code = options.code ?? 'cannot-start'
  }
}

export function problemCodeOf(error: unknown): HubProblemCode {
  return error instanceof StartError ? error.code : 'cannot-start'
}

/** Returns the message for the user; undefined if the error is a bug, which belongs in the log. */
export function sentenceFor(error: unknown, dataDir: string): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof StartError) return error.message
  // by name: its module loads the database driver, which must not happen before Node's version was checked
  if (error.name === 'NewerDatabase') {
    return `This data was written by a newer Hubbub (${error.message}): use that version for it.`
  }
  // the words of this error are for a request
  if (error.name === 'HubError' && error.cause !== undefined) return sentenceFor(error.cause, dataDir)
  // by name: its module is loaded only for a bucket
  if (error.name === 'S3Error') {
    return `The bucket with the files cannot be used: ${error.message}. Check its address, its keys and the network, and try again.`
  }
  const code = String((error as { code?: unknown }).code)
  if (code === 'ENOSPC' || code === 'SQLITE_FULL') {
    return `The disk with ${dataDir} is full: free some space and start again.`
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return `The disk with ${dataDir} cannot be read or written (${code}): it may be full or failing. Free some space, check the disk, and start again.`
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return `The database in ${dataDir} is damaged: keep that directory, and restore a backup into another with "npm run hub -- restore --from FILE --data DIR".`
  }
  if (code === 'SQLITE_READONLY_ROLLBACK') {
    return `Another program has left hub.db-journal next to the database in ${dataDir}, and Hubbub writes no such file: if that program was changing the database, keep the directory and restore a backup into another with "npm run hub -- restore --from FILE --data DIR". Otherwise move hub.db-journal away and start again.`
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return `The database in ${dataDir} cannot be written: give your account write access to it, or choose another directory with --data.`
  }
  return undefined
}
