// The hub that this app runs. It queues the user's actions, one after the other, and applies the hub's state to the
// network, the power settings and the list of hubs.
import path from 'node:path'
import type {
  HostAddress,
  HostChanges,
  HostInvite,
  HostSettings,
  HostStatus,
  HubId,
  HubInfo,
  NewOwner,
} from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import type {
  ContinuityReport,
  FollowReport,
  FromHubProcess,
  HubAddress,
  HubStartOptions,
  Power,
} from '../../shared/hub-process-messages.ts'
import type { ConnectivityFinding } from '../../shared/connectivity.ts'
import { ShellError } from '../shell-error.ts'
import { Announcement } from './announcement.ts'
import { restoreBackup } from './backup.ts'
import { MoveRequests } from './move-requests.ts'
import { describeHost } from './host-status.ts'
import { HostFolders } from './host-folders.ts'
import type { HostingOptions } from './hosting-options.ts'
import { inviteLinks, InviteRequests } from './invite-requests.ts'
import { waitForSeal } from './sleep-seal.ts'
import { needsRestart } from './settings.ts'
import { Supervisor, type SupervisorState } from './supervisor.ts'

export class Hosting {
  readonly #options: HostingOptions
  readonly #supervisor: Supervisor
  readonly #invites: InviteRequests
  readonly #moves: MoveRequests
  readonly #announcement: Announcement
  readonly #folders: HostFolders
  #queue: Promise<unknown> = Promise.resolve()
  #addresses: HubAddress[] = []
  #connectedUsers = 0
  #continuity: ContinuityReport | undefined
  #following: FollowReport | undefined
  /** The fingerprint of this computer, since it has joined a hub. */
  #words: string[] | undefined
  #setupCode = ''
  #movedFrom: number | undefined
  #ownUserIds: string[] = []
  #power: Power | undefined
  #settledWaiters: (() => void)[] = []
  #isQuitting = false

  constructor(options: HostingOptions) {
    this.#options = options
    this.#supervisor = new Supervisor({
      spawner: options.spawner,
      clock: options.clock,
      onState: (state) => this.#handleState(state),
      onMessage: (message) => this.#handleMessage(message),
      onHang: () => {
        options.log.warn(this.#supervisor.isHanging ? 'the hub does not respond' : 'the hub responds again')
        this.#applyState()
      },
    })
    options.announcer.onHigherTerm = (address) => this.#supervisor.send({ t: 'heard', address })
    this.#invites = new InviteRequests({
      send: (message) => this.#supervisor.send(message),
      clock: options.clock,
      lastCode: {
        get: () => options.settings.current.inviteCode,
        set: (inviteCode) => void options.settings.record({ inviteCode }),
      },
    })
    this.#moves = new MoveRequests((message) => this.#supervisor.send(message), options.clock)
    this.#announcement = new Announcement(options.announcer, options.log, () =>
      options.onStatus(this.status()),
    )
    this.#folders = new HostFolders({
      ...{ settings: options.settings, supervisor: this.#supervisor },
      settled: () => this.#waitUntilSettled(),
      startOptions: () => this.#startOptions(),
      onChange: () => this.#applyState(),
      mayStart: () => !this.#isQuitting,
    })
  }

  get hubId(): HubId | undefined {
    return this.#options.settings.current.hubId || undefined
  }

  /** Other users, whom a stop would disconnect. */
  get connectedUsers(): number {
    return this.#connectedUsers
  }

  /** The standby that could be the hub at once. */
  get handOverTo(): { node: string; name: string } | undefined {
    return this.#continuity?.handOverTo
  }

  get isRunning(): boolean {
    return this.#supervisor.state.state === 'running'
  }

  status(): HostStatus {
    const { state } = this.#supervisor
    const { name, previous } = this.#options.settings.current
    return describeHost(state, {
      common: { hubId: this.hubId, name, isAnnounced: this.#announcement.isAnnounced },
      addresses: this.#addresses,
      connectedUsers: this.#connectedUsers,
      isSetUp: this.#setupCode === '',
      words: this.#words,
      movedFrom: this.#movedFrom,
      following: this.#following,
      handOverTo: this.handOverTo?.name,
      canLeave: previous !== null,
      isHanging: this.#supervisor.isHanging,
    })
  }

  settings(): HostSettings {
    const { dataDir, port, lan, interfaces, announce, browsers, startWithApp, keepAwake } =
      this.#options.settings.current
    return { dataDir, port, lan, interfaces: [...interfaces], announce, browsers, startWithApp, keepAwake }
  }

  /** At app start: starts the hub again if it ran when the app quit. */
  resume(): void {
    const { startWithApp, wasRunning } = this.#options.settings.current
    if (startWithApp && wasRunning) void this.start().catch(() => undefined)
  }

  /** Resolves when the hub runs, or with the problem. */
  start(changes: Partial<HostSettings> = {}): Promise<HostStatus> {
    return this.#enqueue(async () => {
      const previous = this.#options.settings.current
      this.#options.settings.record({ wasRunning: true })
      const current = Object.keys(changes).length > 0 ? this.#options.settings.change(changes) : previous
      // of a hub that goes on running nothing would ever settle
      if (!this.isRunning || needsRestart(previous, current)) await this.#restart()
      return this.status()
    })
  }

  /**
   * Restores the hub of a backup into a folder that does not exist yet. The hub that runs here goes on until the backup is
   * checked, and its folder stays as it is.
   * @throws ShellError with the problem; then everything is as it was
   */
  async restore(
    backup: string,
    dataDir: string,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<HostStatus> {
    const { spawner, logFile } = this.#options
    const restoreLog = path.join(path.dirname(logFile), 'restore.log')
    await restoreBackup(spawner, { from: backup, dataDir, logFile: restoreLog }, signal)
    return this.#enqueue(async () => {
      const listening = await this.#folders.start(dataDir)
      await this.#options.hubs.add(hostAndPort('127.0.0.1', listening.port), listening.hubId)
      return this.status()
    })
  }

  /**
   * Follows the hub of a link, in a folder that does not exist yet. The previous hub's folder stays as it is. The owner of
   * that hub still has to approve this computer.
   * @throws ShellError with the problem; then everything is as it was
   */
  follow(link: string, dataDir: string, hubName = ''): Promise<HostStatus> {
    return this.#enqueue(async () => {
      this.#words = undefined
      await this.#folders.start(dataDir, { standbyOf: link })
      this.#options.settings.record({ name: hubName })
      this.#applyState()
      return this.status()
    })
  }

  /**
   * Follows the hub no longer, and hosts again what it hosted before. With `deletes` the copy here goes too.
   * @throws ShellError if this computer does not follow by a link, or has become the hub
   */
  leave({ deletes }: { deletes: boolean }): Promise<HostStatus> {
    return this.#enqueue(async () => {
      await this.#folders.leave(deletes)
      return this.status()
    })
  }

  stop(): Promise<HostStatus> {
    // a start may take minutes
    if (this.#supervisor.state.state === 'starting') void this.#supervisor.stop()
    return this.#enqueue(async () => {
      this.#options.settings.record({ wasRunning: false })
      await this.#supervisor.stop()
      return this.status()
    })
  }

  restart(): Promise<HostStatus> {
    return this.#enqueue(() => this.#restart().then(() => this.status()))
  }

  async #restart(): Promise<void> {
    await this.#supervisor.stop({ isRestart: true })
    if (this.#isQuitting) return
    const settled = this.#waitUntilSettled()
    this.#supervisor.start(this.#startOptions())
    await settled
  }

  /** The app ends: stops the hub, and remembers to start it again next time. */
  async quit(): Promise<void> {
    this.#isQuitting = true
    await this.#announcement.stop()
    await this.#supervisor.stop()
  }

  /** Waits for a start before it, which would run with the earlier settings and put its port back. */
  changeSettings(changes: HostChanges): Promise<HostSettings> {
    return this.#enqueue(async () => {
      const previous = this.#options.settings.current
      const current = this.#options.settings.change(changes)
      const { state } = this.#supervisor.state
      if (needsRestart(previous, current) && (state === 'running' || state === 'waiting'))
        await this.#restart()
      else this.#applyState()
      return this.settings()
    })
  }

  /** Hosts what another folder has, instead of the present hub: see HostFolders. */
  useDataDir(dataDir: string): Promise<void> {
    return this.#enqueue(() => this.#folders.use(dataDir))
  }

  async setUp(owner: NewOwner): Promise<{ hub: HubInfo; recoveryKey: string }> {
    const { state } = this.#supervisor
    if (state.state !== 'running' || this.#setupCode === '') {
      throw new ShellError(
        'conflict',
        'This hub already has an owner. Log in, or choose another folder for a new hub.',
      )
    }
    const { hubId, port } = state.listening
    const hub = await this.#options.hubs.add(hostAndPort('127.0.0.1', port), hubId)
    const { recoveryKey } = await this.#options.hubs.setUp(hubId, this.#setupCode, owner)
    this.#setupCode = ''
    this.#options.settings.record({ name: owner.teamName })
    // discovery publishes its name and registration policy from now on
    this.#supervisor.send({ t: 'addresses' })
    this.#applyState()
    return { hub: { ...hub, name: owner.teamName }, recoveryKey }
  }

  async invite(): Promise<HostInvite> {
    const { state } = this.#supervisor
    if (state.state !== 'running') {
      throw new ShellError('conflict', 'The hub is not running. Start it, then invite people.')
    }
    const { hubId, port } = state.listening
    const code = await this.#invites.request({ uses: 20, days: 7 })
    const addresses = this.#addresses.map(({ address }) => address)
    return inviteLinks(code, { hubId, port, addresses, isAnnounced: this.#announcement.isAnnounced })
  }

  checkConnectivity(): Promise<ConnectivityFinding[]> {
    const { state } = this.#supervisor
    const settings = this.#options.settings.current
    return this.#options.checkConnectivity({
      running: state.state === 'running',
      settings,
      port: state.state === 'running' ? state.listening.port : settings.port,
      addresses: this.#addresses,
    })
  }

  listNetworks(): HostAddress[] {
    return this.#options.listNetworks().map(({ address, via }) => ({ host: address, network: via }))
  }

  /** Adds a user whose connections count as the user's own: the account this app uses at the hub. */
  addOwnUser(id: HubId, userId: string): void {
    if (id !== this.hubId || this.#ownUserIds.includes(userId)) return
    this.#ownUserIds.push(userId)
    this.#supervisor.send({ t: 'mine', userIds: this.#ownUserIds })
  }

  /** Gives the hub to the standby that is in step. Resolves with its name. @throws ShellError with the reason */
  handOver(): Promise<string> {
    return this.#moves.request('hand-over')
  }

  /** Makes this standby the hub, while that one cannot be reached. @throws ShellError with the reason */
  async takeOver(): Promise<HostStatus> {
    await this.#moves.request('take-over')
    return this.status()
  }

  /** The system sleeps or shuts down. With a standby in step it blocks until that one may take over. */
  prepareForSleep(): void {
    const { sleepDelay, waitForFile, log } = this.#options
    if (!this.handOverTo) return this.#supervisor.send({ t: 'prepare-sleep' })
    const isSealed = waitForSeal(waitForFile, (doneFile) =>
      this.#supervisor.send({ t: 'prepare-sleep', doneFile }),
    )
    if (!isSealed) log.warn('the hub was not handed over before sleep')
    sleepDelay.end()
  }

  /** For a computer that follows a hub: its owner sees how that one is powered. */
  setPower(power: Power): void {
    this.#power = power
    this.#supervisor.send({ t: 'power', power })
  }

  handleWake(): void {
    this.#supervisor.send({ t: 'addresses' })
    void this.#announcement.stop().then(() => this.#applyState())
  }

  #startOptions(): HubStartOptions {
    const { dataDir, port, lan, interfaces, browsers, hubId } = this.#options.settings.current
    const { logFile, pagesDir } = this.#options
    return { dataDir, port, lan, interfaces, browsers, logFile, pagesDir, hadHub: hubId !== '' }
  }

  /** Runs steps one after the other: a stop during a start waits for it. */
  #enqueue<T>(step: () => Promise<T>): Promise<T> {
    this.#isQuitting = false
    const run = this.#queue.then(step, step)
    this.#queue = run.catch(() => undefined)
    return run
  }

  /** Resolves as soon as the hub runs or is down, or its start is given up because the app quits. */
  #waitUntilSettled(): Promise<void> {
    return new Promise((resolve) => this.#settledWaiters.push(resolve))
  }

  #handleState(state: SupervisorState): void {
    if (state.state === 'down') this.#options.log.warn('the hub stays down', { problem: state.problem.code })
    if (state.state === 'running') this.#handleRunning(state.listening)
    else {
      this.#connectedUsers = 0
      this.#continuity = undefined
      this.#following = undefined
      this.#invites.rejectAll()
      this.#moves.rejectAll()
    }
    this.#applyState()
    if (state.state !== 'starting' && state.state !== 'stopping') {
      for (const resolve of this.#settledWaiters.splice(0)) resolve()
    }
  }

  #handleRunning(listening: Extract<SupervisorState, { state: 'running' }>['listening']): void {
    const { hubId, port, addresses, name, setupCode, role } = listening
    this.#continuity = undefined
    this.#following = undefined
    if (role === 'standby') this.#connectedUsers = 0
    const { settings, hubs } = this.#options
    // it is the hub: there is nothing to go back from
    if (role === undefined && settings.current.previous) settings.record({ previous: null })
    if (hubId !== this.hubId) this.#ownUserIds = []
    this.#addresses = addresses
    this.#setupCode = setupCode
    this.#movedFrom = port === settings.current.port ? undefined : settings.current.port
    // remembers the port, so that others find the hub at the same address next time
    // a standby does not know how the hub is called now
    settings.record({ port, hubId, ...(name === '' ? {} : { name }) })
    hubs.addAddresses(hubId, [hostAndPort('127.0.0.1', port)])
    hubs.wake(hubId)
    this.#supervisor.send({ t: 'mine', userIds: this.#ownUserIds })
    if (this.#power) this.#supervisor.send({ t: 'power', power: this.#power })
  }

  #handleMessage(message: FromHubProcess): void {
    switch (message.t) {
      case 'addresses':
        this.#addresses = message.addresses
        break
      case 'name':
        this.#options.settings.record({ name: message.name })
        break
      case 'users':
        this.#connectedUsers = message.others
        if (message.outside && !this.#options.settings.current.seenOutside) {
          this.#options.settings.record({ seenOutside: true })
        }
        break
      case 'continuity': {
        const { t: _, ...report } = message
        this.#continuity = report
        break
      }
      case 'following': {
        const { t: _, ...report } = message
        this.#following = report
        break
      }
      case 'joined':
        this.#words = message.words
        return
      case 'moved':
      case 'not-moved':
        return this.#moves.handleReply(message)
      case 'invited':
      case 'not-invited':
        return this.#invites.handleReply(message)
      default:
        return
    }
    this.#applyState()
  }

  /** Applies the hub's current state to everything that depends on it. */
  #applyState(): void {
    const { keepAwake, sleepDelay, settings, onStatus } = this.#options
    const { state } = this.#supervisor
    const { announce, lan, name, keepAwake: wanted } = settings.current
    keepAwake.update({ wanted, others: this.isRunning ? this.#connectedUsers : 0 })
    sleepDelay.update(this.handOverTo !== undefined)
    // the name belongs to the computer that is the hub
    const isHub =
      state.state === 'running' &&
      state.listening.role !== 'standby' &&
      (this.#continuity?.role ?? 'hub') === 'hub'
    const shouldAnnounce = isHub && lan && announce && this.#setupCode === ''
    this.#announcement.update(
      shouldAnnounce
        ? {
            hubId: state.listening.hubId,
            name,
            port: state.listening.port,
            addresses: this.#addresses,
            term: state.listening.term,
          }
        : undefined,
    )
    onStatus(this.status())
  }
}
