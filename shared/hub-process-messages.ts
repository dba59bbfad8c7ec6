/** What the desktop and the hub that it runs as its child say to each other. */

/** Which of this computer's addresses the hub answers on. */
export interface EndpointOptions {
  /** Only loopback until the person has asked for more. */
  lan: boolean
  /** Names of network interfaces; empty: all of them. */
  interfaces: readonly string[]
  /** Whether browsers on other computers get the page. */
  browsers: boolean
}

export interface HubStartOptions extends EndpointOptions {
  dataDir: string
  /** 0: any that is free. */
  port: number
  logFile: string
  /** Where the built page is; beside the program when missing. */
  pagesDir?: string
  /** A backup that is put into `dataDir` first, which is absent or empty. */
  restoreFrom?: string | undefined
}

export interface BackupOptions {
  dataDir: string
  /** A file that is not there yet. */
  to: string
  logFile: string
}

export interface HubAddress {
  address: string
  /** The name of its network interface, as the system calls it. */
  via: string
}

export interface HubListening {
  port: number
  hubId: string
  /** The hub's name, for others to find it by. */
  name: string
  /** Where others reach it: nothing of loopback. */
  addresses: HubAddress[]
  /** Empty once the hub has an owner. Never shown to anybody. */
  setupCode: string
}

/** Why the hub did not start. `port-in-use` is for the desktop to settle, the others are told to the person. */
export type HubProblemCode = 'port-in-use' | 'port-forbidden' | 'locked' | 'cannot-start' | 'fault'

export interface HubProblem {
  code: HubProblemCode
  /** For a person, with what to do. */
  sentence: string
}

export type ToHubProcess =
  | ({ t: 'start' } & HubStartOptions)
  /** Whose connections do not count as somebody else: the person at this computer. */
  | { t: 'mine'; userIds: string[] }
  /** The computer woke up, or its network changed. */
  | { t: 'addresses' }
  | { t: 'prepare-sleep' }
  | { t: 'invite'; id: number; uses: number; days: number }
  | { t: 'stop'; graceMs: number }
  /** Instead of `start`, of a process that does nothing else: the hub of `dataDir` may run in another meanwhile. */
  | ({ t: 'backup' } & BackupOptions)

export type FromHubProcess =
  | ({ t: 'listening' } & HubListening)
  | { t: 'addresses'; addresses: HubAddress[] }
  | { t: 'name'; name: string }
  /** The backup is in its place: from here on it is a hub like any other. */
  | { t: 'restored' }
  /** Written, read back and verified. */
  | { t: 'backed-up' }
  | ({ t: 'problem' } & HubProblem)
  /** How many others are connected, and whether anybody ever came from another computer. */
  | { t: 'people'; others: number; outside: boolean }
  | { t: 'invited'; id: number; code: string }
  | { t: 'not-invited'; id: number; sentence: string }
  | { t: 'stopped' }
