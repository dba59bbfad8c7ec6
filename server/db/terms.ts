import { StartError } from '../start-error.ts'
import { parseTerm, type Term } from '../../shared/term.ts'

/*
 * Terms of a hub with a database server, whose processes have no computer of their own that could be the hub: the database
 * has the term under which it is the hub, and that of the hub elsewhere once there is one. With a file,
 * `continuity/state.json` has both.
 */

export interface TermLink {
  /** The term of this database; undefined until one was needed. */
  readonly own: Term | undefined
  /** Called once the database says that another computer is the hub, also for what another process has noted. */
  onSuperseded: ((term: Term) => void) | undefined
  /** Notes that another computer is the hub. Afterwards no process writes. */
  supersede(term: Term): Promise<void>
  /**
   * Makes a term if the database has begun a new epoch without one: it was restored, or a standby of the server took over.
   * @param make from the epoch and the term before
   */
  renew(make: MakeTerm): Promise<void>
  /** This database is the hub again: a new epoch and a new term. Returns false if no other computer is the hub. */
  goOn(epoch: string, make: MakeTerm): Promise<boolean>
}

export type MakeTerm = (epoch: string, previous: Term | undefined) => Term

/** Reads a term as the database has it. */
export function readTerm(text: string): Term | undefined {
  if (text === '') return undefined
  try {
    return parseTerm(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** The error of each process of a hub that runs elsewhere, and of one that is started later. */
export function supersededHub(term: Pick<Term, 'at'> | undefined): StartError {
  const since = term ? ` since ${new Date(term.at).toISOString()}` : ''
  return new StartError(
    `This hub runs on another computer${since}, where a backup of it was restored, so no process serves this database: two hubs with one key would part the team. If the other one is right, leave these processes stopped; "npm run hub -- backup --data DIR --to FILE" saves what only this database has. If this one is right, stop the other, run "npm run hub -- promote --force --data DIR" with the address of this database, and start the processes again.`,
  )
}
