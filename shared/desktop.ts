// The API that the desktop shell gives the page as `window.hubbub`. It is narrow and versioned: the page can neither send nor
// receive anything that is not named here. In a browser it is undefined. Requests, files and pictures are not part of it: the
// page fetches them from its own origin at `/hub/<hubId>/api/…`, and the shell adds the token.

import type { ConnectivityFinding } from './connectivity.ts'
import type { FollowReport, VoteReport } from './hub-process-messages.ts'

/** Page and shell are one package, so this only detects a mixed build. A newer page must not use what an older shell lacks. */
export const desktopApiVersion = 1

/** Base path of a hub on the page's origin: `${hubBasePath(id)}/api/meta`. */
export function hubBasePath(id: HubId): string {
  return `/hub/${id}`
}

/** Splits a path of the page into hub and rest: `/hub/<hubId>/api/meta` into `<hubId>` and `/api/meta`. */
export function splitHubPath(path: string): { id: HubId; rest: string } | undefined {
  const match = /^\/hub\/([A-Za-z0-9_-]{43})(\/.*)?$/.exec(path)
  return match ? { id: match[1] as HubId, rest: match[2] ?? '/' } : undefined
}

/** base64url SHA-256 of the hub's key. It stays the same when the hub moves to another computer. */
export type HubId = string

/** Ends a subscription. */
export type Unsubscribe = () => void

/**
 * How a hub proves its identity. `pinned`: by its own key, known from an invite or compared by the user. `public`: by a
 * certificate that every browser trusts. `local`: plain HTTP on this computer.
 */
export type Trust = 'pinned' | 'public' | 'local'

/** Result of probing an address. The shell sends nothing but a TLS handshake. */
export interface HubProbeResult {
  /** Normalized: `host:port`, or `http://127.0.0.1:port` for a hub without TLS on this computer. */
  address: string
  /** Identity of the hub; unknown for a `public` hub until it is added. */
  fingerprint: string | undefined
  /** Kind of trust with which the hub can be added. */
  trust: Trust
  /** Set if the hub is already in the rail. */
  knownHubId: HubId | undefined
}

/**
 * `signed-out`: reachable, no user is logged in. `refused`: it responds, but the shell must not use it (see `problem`).
 * `changed`: another identity responds at its address. The shell sends nothing in the last two states.
 */
export type HubState = 'connecting' | 'online' | 'offline' | 'signed-out' | 'refused' | 'changed'

export interface HubInfo {
  id: HubId
  name: string
  /** The address that worked last is first. */
  addresses: string[]
  trust: Trust
  state: HubState
  /** Reason while `refused` or `changed`, as a sentence. */
  problem: string | undefined
  /** Identity that responds instead, while `changed`. */
  presented: string | undefined
  /** Unread messages in chats that are not muted, and mentions of the user, while the shell's own connection is open. */
  unread: number
  mentions: number
  /** The hub runs inside this app. */
  isHosted: boolean
}

export interface LiveSocket {
  send(data: string): void
  close(): void
}

export interface HubsApi {
  list(): Promise<HubInfo[]>
  look(address: string): Promise<HubProbeResult>
  /** `fingerprint` comes from an invite or was compared by the user; `public` or `local` comes from `look`. */
  add(address: string, fingerprint: string): Promise<HubInfo>
  /** Deletes the hub, its pin and its token. The page deletes its own cache. */
  remove(id: HubId): Promise<void>
  /** `ids` holds all hubs in the new order. */
  reorder(ids: HubId[]): Promise<void>
  /** Tries all addresses of a hub now. */
  retry(id: HubId): Promise<void>
  onChange(run: (hubs: HubInfo[]) => void): Unsubscribe
  /**
   * Opens the live socket of a hub, relayed frame by frame. `message` receives the frames of the hub, `closed` the close code
   * (1006 if the hub could not be reached).
   */
  open(id: HubId, handlers: { message: (data: string) => void; closed: (code: number) => void }): LiveSocket
}

export type HostState = 'stopped' | 'starting' | 'running' | 'stopping' | 'crashed'

export interface HostAddress {
  /** `192.168.1.20` or `team.local`. */
  host: string
  /** Name of its network in the operating system. */
  network: string
}

export interface HostStatus {
  state: HostState
  /** While `crashed`: the shell restarts it automatically. */
  willRestart?: boolean | undefined
  /** It runs, and has not responded for a while. The shell ends it and starts it again if that lasts. */
  isHanging?: boolean | undefined
  /** The previous port, if it was taken. Other apps find the hub again by its identity. */
  movedFrom?: number | undefined
  /** The hub is announced by mDNS. */
  isAnnounced?: boolean | undefined
  hubId?: HubId | undefined
  name?: string | undefined
  port?: number | undefined
  addresses?: HostAddress[] | undefined
  /** Other users who are connected now. */
  connectedUsers?: number | undefined
  /** The hub has an owner. */
  isSetUp?: boolean | undefined
  /** This computer follows the hub, and can take its place. */
  isStandby?: boolean | undefined
  /** Of a standby that has just joined: its fingerprint, which the owner of the hub compares. */
  words?: string[] | undefined
  /** Of a standby: how far it is. */
  following?: FollowReport | undefined
  /** The name of the standby that becomes the hub if this one is stopped. */
  handOverTo?: string | undefined
  /** This computer follows another hub by its link, and could go back to what it hosted before. */
  canLeave?: boolean | undefined
  /** This computer is the third computer of a hub. */
  vote?: HostedVote | undefined
  /** The problem, as a sentence that says what to do. */
  problem?: string | undefined
}

/** This computer as the third computer of a hub, next to what it hosts. */
export interface HostedVote extends Partial<VoteReport> {
  state: HostState
  /** As its link said; empty: it did not. */
  hubName: string
  /** Its fingerprint, which the owner of the hub compares, until the hub has answered. */
  words?: string[]
}

export interface HostSettings {
  dataDir: string
  port: number
  /** True: other computers on the network can connect. False: only this computer. */
  lan: boolean
  /** Names of the network interfaces it accepts connections on; empty: all. */
  interfaces: string[]
  /** Announce the hub by name on the network. */
  announce: boolean
  /** Browsers on other computers can connect. */
  browsers: boolean
  /** The hub starts with the app. */
  startWithApp: boolean
  keepAwake: boolean
}

/** Settings that the page can change. The data directory can only be chosen in a dialog of the system. */
export type HostChanges = Partial<Omit<HostSettings, 'dataDir'>>

export interface HostInvite {
  /** For browsers. */
  url: string
  /** `hubbub://join?…`, for the app. */
  link: string
  fingerprint: string
}

export interface NewOwner {
  teamName: string
  /** Name of the group for everyone; without it there is none. */
  teamGroup?: string | undefined
  username: string
  displayName?: string | undefined
  password: string
  securityQuestion?: string | undefined
  securityAnswer?: string | undefined
}

export interface HostApi {
  status(): Promise<HostStatus>
  /** Resolves when the hub runs, or with the problem in the status. */
  start(changes?: HostChanges): Promise<HostStatus>
  /** Sets up a new hub and logs its owner in. The set-up code stays in the shell. */
  setUp(owner: NewOwner): Promise<{ hub: HubInfo; recoveryKey: string }>
  stop(): Promise<HostStatus>
  restart(): Promise<HostStatus>
  settings(): Promise<HostSettings>
  change(changes: HostChanges): Promise<HostSettings>
  /** Opens a dialog for another directory. Returns undefined if the user cancels. */
  chooseDataDir(): Promise<string | undefined>
  /** Opens a dialog for a file and writes a verified backup to it while the hub runs. Returns undefined if the user cancels. */
  backUp(): Promise<string | undefined>
  /**
   * Opens a dialog for a backup and restores it into a new directory. Returns undefined if the user cancels. The previous
   * hub stays in its directory, and runs again if the restore fails.
   */
  restore(): Promise<HostStatus | undefined>
  /**
   * Lets this computer follow the hub of a link, in a new directory. The owner of that hub then approves it. The previous
   * hub stays in its directory, and runs again if this fails. With the link for a third computer this one decides for that
   * hub, and goes on with its own.
   */
  follow(link: string): Promise<HostStatus>
  /**
   * Follows no longer, and hosts again what it hosted before. `deletes`: the copy here goes too. Fails if this computer has
   * become the hub.
   */
  leave(deletes: boolean): Promise<HostStatus>
  /** Makes this standby the hub, while that one cannot be reached. */
  takeOver(): Promise<HostStatus>
  /** Decides for another hub no longer. */
  endVote(): Promise<HostStatus>
  invite(): Promise<HostInvite>
  /** Runs the connectivity check. */
  checkReachable(): Promise<ConnectivityFinding[]>
  /** Choices for `interfaces`. */
  networks(): Promise<HostAddress[]>
  openLog(): Promise<void>
  onStatus(run: (status: HostStatus) => void): Unsubscribe
}

export interface FoundHub {
  /** From the announcement; a hint until the hub has proven it. */
  id: HubId
  name: string
  addresses: string[]
  port: number
}

export interface DiscoveryApi {
  /** Browses the network while there is a subscriber. */
  watch(run: (found: FoundHub[]) => void): Unsubscribe
}

export interface DesktopNotification {
  /** A notification with the same key replaces the earlier one; clearing uses the key too. */
  key: string
  title: string
  body: string
  hubId: HubId
  /** Route within the hub that a click opens: `/chat/<chatId>`. */
  route: string
}

export interface ShellApi {
  /** Totals of all hubs, for badge, tray and window frame. */
  setUnread(unread: number, mentions: number): void
  /** Returns false if the system shows no notifications; then the window shows them. */
  testNotify(): Promise<boolean>
  /** Returns true if the link was opened. Only checked https, http and mailto links are opened. */
  openExternal(url: string): Promise<boolean>
  /** Saves a file of a hub (`/api/files/…`) to a path that the user chooses. Returns false if the user cancels. */
  saveAs(hub: HubId, path: string, name: string): Promise<boolean>
}

/** How the app behaves on this computer. */
export interface DesktopSettings {
  /** Store tokens although the system has no key store to protect them. */
  keepUnprotected: boolean
  /** Closing the window keeps the app running in the tray. */
  closeToTray: boolean
  startWithComputer: boolean
  spellCheck: boolean
  notifications: 'mentions' | 'all' | 'none'
  sounds: boolean
  /** Notifications show author and text. Off: only that there is a message, for screens that others can see. */
  showsText: boolean
  /** End of "do not disturb" in milliseconds since 1970; 0: off. */
  quietUntil: number
  checkUpdates: boolean
}

export interface SettingsApi {
  get(): Promise<DesktopSettings>
  set(changes: Partial<DesktopSettings>): Promise<DesktopSettings>
}

/** A `hubbub://` link that was opened. It is untrusted: the page asks the user before it acts on it. */
export type DesktopLink =
  | { kind: 'join'; addresses: string[]; fingerprint: string; invite: string }
  | { kind: 'open'; hubId: HubId; route: string }
  /** This computer is asked to follow a hub, or to vote for it: see shared/text/standby-link.ts. */
  | { kind: 'standby'; link: string }
  /** It is incomplete, damaged, or for a newer version. */
  | { kind: 'unknown' }

export type ShellCommand =
  | 'add-hub'
  | 'next-hub'
  | 'previous-hub'
  | 'quick-switch'
  | 'new-chat'
  | 'settings'
  | 'hosting'
  | 'shortcuts'
  | 'find'

export interface DesktopEvents {
  /** A notification, the tray or a second start of the app opens a route. */
  route: { hubId: HubId; route: string }
  link: DesktopLink
  command: ShellCommand
  /** A notification that the system does not show, for example of an unsigned app on macOS. The window shows it instead. */
  notice: DesktopNotification
  resume: null
}

export type DesktopEventName = keyof DesktopEvents

export const desktopEventNames = ['route', 'link', 'command', 'notice', 'resume'] as const

export interface AppInfo {
  version: string
  platform: 'win32' | 'darwin' | 'linux'
  electron: string
  dataDir: string
  /** Protection of stored secrets by the system. Without it users log in after each start, unless they turn on `keepUnprotected`. */
  secretProtection: 'protected' | 'unprotected' | 'none'
}

export interface AppApi {
  info(): Promise<AppInfo>
  /** The page is usable: the shell can show the window. */
  ready(): void
}

/** An error of the shell as the page receives it, with a message for the user. */
export interface DesktopError {
  code: DesktopErrorCode
  message: string
  /** The member of the input that is to blame. */
  field?: string
}

export type DesktopErrorCode =
  /** Invalid arguments. */
  | 'invalid'
  | 'not_found'
  /** Nothing responds at the address. */
  | 'unreachable'
  /** Something responds, but it is not a hub, or not the requested one. */
  | 'not_a_hub'
  | 'changed'
  | 'conflict'
  | 'internal'

export interface HubbubDesktop {
  readonly apiVersion: typeof desktopApiVersion
  readonly platform: 'win32' | 'darwin' | 'linux'
  /** As set in the system, such as `AT`, for times and days; empty if it is unknown. */
  readonly region: string
  readonly hubs: HubsApi
  readonly host: HostApi
  readonly discovery: DiscoveryApi
  readonly shell: ShellApi
  readonly settings: SettingsApi
  readonly app: AppApi
  on<N extends DesktopEventName>(name: N, run: (payload: DesktopEvents[N]) => void): Unsubscribe
}
