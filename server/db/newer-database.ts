/** Thrown for a database that a newer Hubbub wrote. */
export class NewerDatabaseError extends Error {
  override name = 'NewerDatabase'
}
