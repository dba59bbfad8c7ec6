import type { Entry } from '../shared/contract/entries.ts'
import type { FromHub } from '../shared/contract/live.ts'

/*
 * A fact is a change of the hub's memory that an operation reports, as data. `Live` applies facts after COMMIT, in
 * commit order. Another process of the same hub can apply the same facts (server/cluster/), which closures would not
 * allow.
 */

export type Fact =
  /** An entry of the log was committed. */
  | { f: 'entry'; entry: Entry }
  /** From here on a user gets the entries of a chat, or no longer gets them. */
  | { f: 'joined' | 'left'; chat: string; user: string }
  | { f: 'chatGone'; chat: string }
  /** The sockets of a session close. */
  | { f: 'sessionEnded'; id: string }
  | { f: 'hidesLastSeen'; user: string; hides: boolean }
  /** A read receipt was stored. */
  | { f: 'read'; chat: string; user: string; no: number }
  /** A hint for all connections of one user. */
  | { f: 'tell'; user: string; message: FromHub }
  /** The hub has an owner now, so its set-up code is void. */
  | { f: 'owned' }
  /** The owner says that the clocks are right. */
  | { f: 'clockConfirmed' }
  | Hint

/** Tells sockets of other processes what no operation has told. */
export type Hint =
  { f: 'typing'; chat: string; user: string } | { f: 'delivered'; chat: string; user: string; no: number }
