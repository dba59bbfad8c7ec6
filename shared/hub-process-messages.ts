/** Messages between the desktop app and the hub that it runs as a child process. */

/** Which addresses of this computer the hub accepts connections on. */
export interface EndpointOptions {
  /** False: loopback only. True: other computers on the network can connect. */
  lan: boolean
  /** Names of network interfaces; empty: all. */
  interfaces: readonly string[]
  /** Serve the page to browsers on other computers. */
  browsers: boolean
}

export interface HubStartOptions extends EndpointOptions {
  dataDir: string
  /** 0: any free port. */
  port: number
  logFile: string
  /** There was a hub in `dataDir`, or a standby: if it is gone, nothing new begins in its place. */
  hadHub?: boolean
  /** Directory of the built page; default: next to the program. */
  pagesDir?: string
  /** The link of a hub that this computer is to follow or to vote for, in a `dataDir` of its own. */
  standbyOf?: string | undefined
}

/** How a computer is powered; one without a battery has mains power. */
export type Power = 'mains' | 'battery'

/** How far a standby is, for the user of its computer. */
export interface FollowReport {
  /** The id of this computer, by which the hub knows it. The command line does not say it. */
  node?: string
  isConnected: boolean
  /** It has everything, and the hub waits for it; while it is not connected: it had everything until `lostAt`. */
  isInStep: boolean
  /** When the connection to the hub was lost, in milliseconds since 1970; missing if there was none since the start. */
  lostAt?: number
  /** A whole copy of the hub is here: this computer can take its place. */
  canTakeOver: boolean
  /** While the database is copied, in bytes. */
  copied?: { received: number; bytes: number }
  /** Files that are not here yet. */
  missingFiles: number
  problem?: string
}

/** What a third computer sees, for its user. */
export interface VoteReport {
  computers: { name: string; role: 'hub' | 'standby'; isConnected: boolean }[]
  /** Who goes on in this term, if it was asked. */
  decision: 'none' | 'hub' | 'standby'
  problem?: string
}

export interface BackupOptions {
  dataDir: string
  /** Path of a file that does not exist yet. */
  to: string
  logFile: string
}

export interface RestoreOptions {
  /** Path of the backup. */
  from: string
  /** A folder that does not exist yet or is empty. */
  dataDir: string
  logFile: string
}

export interface HubAddress {
  address: string
  /** Name of its network interface in the operating system. */
  via: string
}

export interface HubListening {
  /**
   * `standby`: this computer follows the hub, and answers on this port that it is not the hub. `vote`: it is a third computer,
   * and has no port. Missing: it is the hub.
   */
  role?: 'standby' | 'vote'
  port: number
  hubId: string
  /** Name of the hub, for the announcement. */
  name: string
  /** Addresses for other computers, without loopback. */
  addresses: HubAddress[]
  /** Number of the hub's term, for the announcement; missing without one. */
  term?: number
  /** Empty once the hub has an owner. Never shown to the user. */
  setupCode: string
}

/** Why the hub did not start. The desktop app handles `port-in-use` itself and shows the others to the user. */
export type HubProblemCode = 'port-in-use' | 'port-forbidden' | 'locked' | 'cannot-start' | 'fault'

export interface HubProblem {
  code: HubProblemCode
  /** For the user, with what to do. */
  sentence: string
}

/** How this computer and the others of the hub are placed, as far as the app has to know. */
export interface ContinuityReport {
  role: 'hub' | 'sealed' | 'standby'
  /** What is written now is on this computer only, although there is a standby. */
  alone: boolean
  /** The standby that could be the hub at once, with nothing lost: in step, reachable, with the same program. */
  handOverTo?: { node: string; name: string }
}

export type ToHubProcess =
  | ({ t: 'start' } & HubStartOptions)
  /** Accounts of the user at this computer: their connections do not count as other users. */
  | { t: 'mine'; userIds: string[] }
  /** The computer woke up or its network changed: read the addresses again. */
  | { t: 'addresses' }
  /**
   * The computer goes to sleep or shuts down. `doneFile`: the hub's process creates this file as soon as a standby that
   * is in step has the seal, or if there is none. The app waits for the file and not for a message: it blocks meanwhile.
   */
  | { t: 'prepare-sleep'; doneFile?: string }
  /** How this computer is powered, where the system tells only the app: on macOS and Windows. */
  | { t: 'power'; power: Power }
  /** Gives the hub to a standby; without `to` to the one that the last `continuity` named. Answered with its `id`. */
  | { t: 'hand-over'; id: number; to?: string }
  /** Makes a standby the hub, while the hub cannot be reached. Answered with its `id`. */
  | { t: 'take-over'; id: number }
  /** An announcement on the network says that this hub has a higher term at that address, such as `10.0.0.5:7788`. */
  | { t: 'heard'; address: string }
  /** Answered with a new invite, or with the one of `code` while that can still be used. */
  | { t: 'invite'; id: number; uses: number; days: number; code?: string }
  /** Gives the hub to a standby that is in step, unless it starts again here at once: `isRestart`. */
  | { t: 'stop'; graceMs: number; isRestart: boolean }
  /** Instead of `start`, for a process that only writes a backup. The hub of `dataDir` may run in another process meanwhile. */
  | ({ t: 'backup' } & BackupOptions)
  /** Instead of `start`, for a process that only restores a backup. Another hub may run here meanwhile. */
  | ({ t: 'restore' } & RestoreOptions)
  /** Answered at once with `pong` by a process that does not hang. */
  | { t: 'ping' }

export type FromHubProcess =
  /** Sent again when the role of this computer has changed. */
  | ({ t: 'listening' } & HubListening)
  | { t: 'addresses'; addresses: HubAddress[] }
  | { t: 'name'; name: string }
  /** Sent by a standby after `listening`, and after each change. */
  | ({ t: 'following' } & FollowReport)
  /** The same of a third computer. */
  | ({ t: 'voting' } & VoteReport)
  /** The hub has taken the link. It follows once the owner has approved these words, its fingerprint. */
  | { t: 'joined'; words: string[] }
  /** Checked, and put in place. */
  | { t: 'restored' }
  /** Written, read back and verified. */
  | { t: 'backed-up' }
  | ({ t: 'problem' } & HubProblem)
  /** Number of other connected users; `outside`: there was a connection from another computer at least once. */
  | { t: 'users'; others: number; outside: boolean }
  | { t: 'invited'; id: number; code: string }
  | { t: 'not-invited'; id: number; sentence: string }
  /** Sent after `listening` if there are standbys, and after each change. */
  | ({ t: 'continuity' } & ContinuityReport)
  /** The computer `to` is the hub now: the standby, which this process follows, or this one after `take-over`. */
  | { t: 'moved'; id: number; to: string }
  | { t: 'not-moved'; id: number; sentence: string }
  | { t: 'pong' }
  | { t: 'stopped' }
