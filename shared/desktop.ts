// What the desktop shell offers its page as `window.hubbub`: narrow, versioned, no way to send or hear what is not named
// here. Absent in a browser. Requests, files and pictures are not in it: they are plain fetches of the page's own origin
// at `/hub/<hubId>/api/…`, and the shell adds the token on the way.

import type { ConnectivityFinding } from './connectivity.ts'

/** A newer page asks for nothing that an older shell does not have; both are one package, so this only guards a mixed build. */
export const desktopApiVersion = 1

/** Where the page fetches of a hub: `${hubBase(id)}/api/meta`. */
export function hubBasePath(id: HubId): string {
  return `/hub/${id}`
}

/** The hub a path of the page belongs to, and the rest of it: `/hub/<hubId>/api/meta` is of `<hubId>` at `/api/meta`. */
export function splitHubPath(path: string): { id: HubId; rest: string } | undefined {
  const match = /^\/hub\/([A-Za-z0-9_-]{43})(\/.*)?$/.exec(path)
  return match ? { id: match[1] as HubId, rest: match[2] ?? '/' } : undefined
}

/** base64url SHA-256 of the hub's key: what a hub is, wherever it runs. */
export type HubId = string

/** Ends a listening. */
export type Unsubscribe = () => void

/**
 * How a hub proves who it is. `pinned`: by its own key, known from an invite or compared by a person. `public`: by a
 * certificate that every browser trusts. `local`: plain HTTP on this very computer.
 */
export type Trust = 'pinned' | 'public' | 'local'

/** What a first look at an address found. Nothing but a TLS handshake was sent. */
export interface HubProbeResult {
  /** As it was understood: `host:port`, or `http://127.0.0.1:port` for a plain one on this computer. */
  address: string
  /** The hub's identity; of a `public` one not known before it was added. */
  fingerprint: string | undefined
  /** What the hub can be added with. */
  trust: Trust
  /** A hub that is in the rail already. */
  knownHubId: HubId | undefined
}

/**
 * `signed-out`: reachable, nobody is logged in. `refused`: it answers, but is not to be talked to (`problem` says why).
 * `changed`: somebody else answers at its address. Nothing is sent to either.
 */
export type HubState = 'connecting' | 'online' | 'offline' | 'signed-out' | 'refused' | 'changed'

export interface HubInfo {
  id: HubId
  name: string
  /** The one that worked last is the first. */
  addresses: string[]
  trust: Trust
  state: HubState
  /** While `refused` or `changed`: why, in a sentence. */
  problem: string | undefined
  /** Whose identity answers instead, while `changed`. */
  presented: string | undefined
  /** Messages in chats that are not muted, and mentions of me, while the shell's own connection is up. */
  unread: number
  mentions: number
  /** It runs inside this app. */
  isHosted: boolean
}

export interface LiveSocket {
  send(data: string): void
  close(): void
}

export interface HubsApi {
  list(): Promise<HubInfo[]>
  look(address: string): Promise<HubProbeResult>
  /** `fingerprint` from an invite or compared by the person; `public` or `local` as `look` said. */
  add(address: string, fingerprint: string): Promise<HubInfo>
  /** Forgets it, its pin and its token; what the page has cached is the page's to delete. */
  remove(id: HubId): Promise<void>
  /** All of them, in the new order. */
  reorder(ids: HubId[]): Promise<void>
  /** Tries all of a hub's addresses now. */
  retry(id: HubId): Promise<void>
  onChange(run: (hubs: HubInfo[]) => void): Unsubscribe
  /**
   * The live socket of a hub, relayed frame by frame: `message` gets what the hub sent, `closed` its closing code (1006
   * when the hub could not be reached).
   */
  open(id: HubId, handlers: { message: (data: string) => void; closed: (code: number) => void }): LiveSocket
}

export type HostState = 'stopped' | 'starting' | 'running' | 'stopping' | 'crashed'

export interface HostAddress {
  /** `192.168.1.20` or `team.local`. */
  host: string
  /** The network it belongs to, as the system calls it. */
  network: string
}

export interface HostStatus {
  state: HostState
  /** While `crashed`: it comes back by itself. */
  willRestart?: boolean | undefined
  /** The port it had before, when that one was taken: others find it anew by its identity. */
  movedFrom?: number | undefined
  /** The network is told of it. */
  isAnnounced?: boolean | undefined
  hubId?: HubId | undefined
  name?: string | undefined
  port?: number | undefined
  addresses?: HostAddress[] | undefined
  /** Others that are connected right now. */
  connectedUsers?: number | undefined
  /** Somebody owns it already. */
  isSetUp?: boolean | undefined
  /** What is wrong, in a sentence that says what to do. */
  problem?: string | undefined
}

export interface HostSettings {
  dataDir: string
  port: number
  /** Everybody on the network may connect, or this computer only. */
  lan: boolean
  /** Names of the networks it answers on; empty: all of them. */
  interfaces: string[]
  /** Shown by name to everybody on the network. */
  announce: boolean
  /** Browsers may connect too. */
  browsers: boolean
  /** The hub starts with the app. */
  startWithApp: boolean
  keepAwake: boolean
}

/** What a page may ask for by itself: where everything is kept is only chosen in a dialog of the system. */
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
  username: string
  displayName?: string | undefined
  password: string
  securityQuestion?: string | undefined
  securityAnswer?: string | undefined
}

export interface HostApi {
  status(): Promise<HostStatus>
  /** Resolves when it runs, or with what went wrong. */
  start(changes?: HostChanges): Promise<HostStatus>
  /** Sets a fresh hub up and logs its owner in; the code stays in the shell. */
  setUp(owner: NewOwner): Promise<{ hub: HubInfo; recoveryKey: string }>
  stop(): Promise<HostStatus>
  restart(): Promise<HostStatus>
  settings(): Promise<HostSettings>
  change(changes: HostChanges): Promise<HostSettings>
  /** Asks the person for another folder; undefined when they changed their mind. */
  chooseDataDir(): Promise<string | undefined>
  /** Asks the person where to, and writes a verified backup there, while the hub runs; undefined when they changed their mind. */
  backUp(): Promise<string | undefined>
  /**
   * Asks the person for a backup and brings its hub back, in a folder of its own; undefined when they changed their mind. The
   * hub of before stays where it was, and runs again if that did not work.
   */
  restore(): Promise<HostStatus | undefined>
  invite(): Promise<HostInvite>
  /** Why others cannot connect, or that they can. */
  checkReachable(): Promise<ConnectivityFinding[]>
  /** What `interfaces` can be chosen from. */
  networks(): Promise<HostAddress[]>
  openLog(): Promise<void>
  onStatus(run: (status: HostStatus) => void): Unsubscribe
}

export interface FoundHub {
  /** What its announcement says; only a hint until the hub has proven it. */
  id: HubId
  name: string
  addresses: string[]
  port: number
}

export interface DiscoveryApi {
  /** Looks around for as long as somebody listens. */
  watch(run: (found: FoundHub[]) => void): Unsubscribe
}

export interface DesktopNotification {
  /** The same key replaces, and clears, what it showed. */
  key: string
  title: string
  body: string
  hubId: HubId
  /** Where a click leads within the hub: `/chat/<chatId>`. */
  route: string
}

export interface ShellApi {
  /** Of all hubs: badge, tray, frame. */
  setUnread(unread: number, mentions: number): void
  /** Answers false when the system shows none: then the window does. */
  testNotify(): Promise<boolean>
  /** Answers whether it was opened: only https, http and mailto, after a check. */
  openExternal(url: string): Promise<boolean>
  /** Streams a file of a hub (`/api/files/…`) to where the person chooses; answers false when they changed their mind. */
  saveAs(hub: HubId, path: string, name: string): Promise<boolean>
}

/** How the app behaves on this computer. */
export interface DesktopSettings {
  /** Tokens are kept although the system has no key store to keep them in. */
  keepUnprotected: boolean
  /** Closing the window leaves the app in the tray. */
  closeToTray: boolean
  startWithComputer: boolean
  spellCheck: boolean
  notifications: 'mentions' | 'all' | 'none'
  sounds: boolean
  /** Who wrote what; off: only that there is something, for screens that others see. */
  showsText: boolean
  /** Milliseconds since 1970; 0 when people may be disturbed. */
  quietUntil: number
  checkUpdates: boolean
}

export interface SettingsApi {
  get(): Promise<DesktopSettings>
  set(changes: Partial<DesktopSettings>): Promise<DesktopSettings>
}

/** A `hubbub://` link somebody opened: a wish, never an order. The page asks the person before it does anything. */
export type DesktopLink =
  | { kind: 'join'; addresses: string[]; fingerprint: string; invite: string }
  | { kind: 'open'; hubId: HubId; route: string }

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
  /** A notification, the tray or another start of the app leads somewhere. */
  route: { hubId: HubId; route: string }
  link: DesktopLink
  command: ShellCommand
  /** What the system does not show, as of an unsigned app on macOS: the window shows it instead. */
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
  /** Whether the system keeps secrets for us; where not, people log in anew after each start unless they choose otherwise. */
  secretProtection: 'protected' | 'unprotected' | 'none'
}

export interface AppApi {
  info(): Promise<AppInfo>
  /** The page shows something a person can work with: the window may be shown. */
  ready(): void
}

/** What goes wrong in the shell reaches the page as this, with a message for people. */
export interface DesktopError {
  code: DesktopErrorCode
  message: string
}

export type DesktopErrorCode =
  /** What was given is not right. */
  | 'invalid'
  | 'not_found'
  /** Nothing answers there. */
  | 'unreachable'
  /** It answers, but is no hub, or not the one that was asked for. */
  | 'not_a_hub'
  | 'changed'
  | 'conflict'
  | 'internal'

export interface HubbubDesktop {
  readonly apiVersion: typeof desktopApiVersion
  readonly platform: 'win32' | 'darwin' | 'linux'
  readonly hubs: HubsApi
  readonly host: HostApi
  readonly discovery: DiscoveryApi
  readonly shell: ShellApi
  readonly settings: SettingsApi
  readonly app: AppApi
  on<N extends DesktopEventName>(name: N, run: (payload: DesktopEvents[N]) => void): Unsubscribe
}
