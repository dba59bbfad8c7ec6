import type { Fact } from '../facts.ts'
import type { Db } from './schema.ts'
import type { Presence } from '../../shared/contract/values.ts'

/** What the connections of a user to one process say. */
export interface Lease {
  state: Presence | 'offline'
  connections: number
  sessions: readonly string[]
  zone: string | undefined
}

/** What only this process knows of the state of the hub. */
export interface ProcessHealth {
  connections: number
  /** How far its clock is from where it should be, in ms; 0 while it is believed. */
  clockDoubtMs: number
  isDamaged: boolean
  /** Users whose text it has refused within a day. */
  reached: readonly { userId: string; at: number }[]
  /** What the leader has found. */
  files: { missing: number; unreferenced: number } | undefined
  /** The object store with the files, if there is one. */
  store?: { works: boolean; lastFailure?: { at: number; code: string } }
  /** When the latest backup that its data directory knows was made. */
  backupAt?: number
}

/** What a process tells the others of the same hub. A program of another release ignores what it does not know. */
export type Notice =
  /** The facts of an operation that was committed, or hints. */
  | { t: 'facts'; facts: readonly Fact[] }
  /** Whose connections this process has; no connections for those who have left it. */
  | { t: 'present'; users: Readonly<Record<string, Lease>>; isAll: boolean }
  | { t: 'health'; health: ProcessHealth }
  /** The process has just come, or has missed something: the others say who is present with them. */
  | { t: 'hello' }
  | { t: 'bye' }

export interface LineEvents {
  onText: (text: string) => void
  /** The line carries nothing more: another has to be opened. */
  onEnd: () => void
}

/** An open way to all processes of a hub. What it is given arrives at all of them, at the sender too, or is lost. */
export interface Line {
  /** @param text ASCII, not longer than `maxLength` */
  send(text: string): void
  close(): Promise<void>
}

/** What carries the turns of a cluster: the database itself, or a server for messages. */
export interface Wire {
  /** For the log. */
  readonly name: string
  readonly maxLength: number
  /** @throws StartError if it never works with this address; any other error if the server is away */
  open(events: LineEvents): Promise<Line>
}

/** What a database gives to a hub of several processes. */
export interface ClusterLink {
  readonly processName: string
  /** Needs nothing besides the database. */
  readonly wire: Wire
  /** Returns the heads of the streams that got entries since this time, in wall ms. */
  findMoved(db: Db, since: number): Promise<Map<string, number>>
  /** True in the one process that runs the periodic jobs of the hub. */
  isLeader(): boolean
}

/** What a database gives to processes that share files: see file-storage/shared-files.ts. */
export interface FilesLink {
  /** Notes that a content is about to be written, or is written again. */
  expect(db: Db, digest: string): Promise<void>
  /** Contents that were noted some time ago, and may be removed unless a row refers to them. */
  findDue(db: Db, count: number): Promise<string[]>
  /** For how long a content is kept after it was noted, in ms. */
  readKept(db: Db): Promise<number>
  /** For the removal of files. Returns what ends it, or undefined while a backup reads the files. */
  tryLock(): Promise<(() => Promise<void>) | undefined>
}
