import type { ConnectivityFinding } from '../../shared/connectivity.ts'
import type { HostStatus, HubId, HubInfo, NewOwner } from '../../shared/desktop.ts'
import type { HubAddress } from '../../shared/hub-process-messages.ts'
import type { Clock, Log } from '../ports.ts'
import type { HubAnnouncer } from './announcement.ts'
import type { HostSettingsFile, StoredHostSettings } from './settings.ts'
import type { SleepBlocker } from './sleep-blocker.ts'
import type { SleepDelay } from './sleep-seal.ts'
import type { HubSpawner } from './supervisor.ts'

/** The part of the hub list that a hosted hub needs. */
export interface HostedHubList {
  add(address: string, fingerprint: string): Promise<HubInfo>
  addAddresses(id: HubId, addresses: string[]): void
  /** Connects at once, if the hub is in the list: the app need not wait for its next attempt. */
  wake(id: HubId): void
  /**
   * Creates the first account with the set-up code and saves its token. @throws ShellError with the hub's own message
   */
  setUp(id: HubId, code: string, owner: NewOwner): Promise<{ recoveryKey: string }>
}

export interface HostingOptions {
  settings: HostSettingsFile
  spawner: HubSpawner
  clock: Clock
  hubs: HostedHubList
  announcer: HubAnnouncer
  keepAwake: SleepBlocker
  sleepDelay: SleepDelay
  /** Blocks until the file exists, or the time in ms is over. */
  waitForFile: (file: string, timeoutMs: number) => boolean
  logFile: string
  pagesDir: string
  log: Log
  listNetworks: () => HubAddress[]
  /** Examines the system; see connectivity/. */
  checkConnectivity: (facts: {
    running: boolean
    settings: StoredHostSettings
    port: number
    addresses: HubAddress[]
  }) => Promise<ConnectivityFinding[]>
  onStatus: (status: HostStatus) => void
}
