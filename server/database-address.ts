import { StartError } from './start-error.ts'

const variable = 'HUBBUB_DATABASE'

/**
 * Reads the address of a PostgreSQL database, from the command line or the environment. Everybody on a computer can read
 * the command lines of its processes, and the hub prints its own for its owner to repeat: no password may be in there.
 * @throws StartError for anything else
 */
export function readDatabaseAddress(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): { database?: string } {
  const text = given ?? env[variable]
  if (!text) return {}
  const from = given === undefined ? variable : '--database'
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) {
    throw new StartError(
      `The address in ${from} is not valid: write it as postgres://user@host:5432/name. Signs other than letters and digits in a password are written as %40 for @, %2F for / and so on.`,
    )
  }
  const { password, searchParams } = new URL(text)
  if (given !== undefined && (password !== '' || searchParams.has('password'))) {
    throw new StartError(
      `Everybody on this computer can read a password after --database: put the whole address into the variable ${variable}, or the password into PGPASSWORD.`,
    )
  }
  return { database: text }
}

/** The error about a directory with a database file, if the rows are said to be in a server. */
export function ownDatabase(dataDir: string): StartError {
  return new StartError(
    `${dataDir} has a database of its own (hub.db): choose another directory with --data, or leave out --database and ${variable}.`,
  )
}

/** For a directory without its database file. */
export const inServerHint =
  'If this hub has a database server, give its address with --database or HUBBUB_DATABASE.'

/** The error about a directory and a database that do not belong together. */
export function otherHub(dataDir: string): StartError {
  return new StartError(
    `The database belongs to another hub than ${dataDir}: check the address of the database, and the directory after --data.`,
  )
}
