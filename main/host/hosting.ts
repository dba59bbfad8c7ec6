// The hub that this app runs: what the person asks of it, one thing after the other, and what follows from its state on the
// network, for the power supply and in the list of hubs.
import type {
  HostAddress,
  HostInvite,
  HostSettings,
  HostStatus,
  HubId,
  HubInfo,
  NewOwner,
} from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import type { FromHostedHub, HubAddress, HubStart } from '../../shared/hosting.ts'
import type { Finding } from '../../shared/reachability.ts'
import { joinLink, joinPage } from '../../shared/text/invite-link.ts'
import type { Announced } from '../discovery/announce.ts'
import type { Clock, Log } from '../ports.ts'
import { ShellError } from '../shell-error.ts'
import { Invites } from './invites.ts'
import type { KeepAwake } from './power.ts'
import type { HostFile, HostSettingsFile } from './settings.ts'
import { Supervisor, type HubSpawner, type SupervisorState } from './supervisor.ts'

/** The list of hubs, as far as a hosted one concerns it. */
export interface HubList {
  add(address: string, fingerprint: string): Promise<HubInfo>
  foundAt(id: HubId, addresses: string[]): void
  /** Makes the first account with the set-up code and keeps its token. @throws ShellError with the hub's own words */
  setUp(id: HubId, code: string, owner: NewOwner): Promise<{ recoveryKey: string }>
}

export interface HostingOptions {
  settings: HostSettingsFile
  spawner: HubSpawner
  clock: Clock
  hubs: HubList
  announcer: { announce(hub: Announced): Promise<void>; stop(): Promise<void> }
  keepAwake: KeepAwake
  logFile: string
  pagesDir: string
  log: Log
  networks: () => HubAddress[]
  /** Looks at the system; see reach/. */
  check: (facts: {
    running: boolean
    settings: HostFile
    port: number
    addresses: HubAddress[]
  }) => Promise<Finding[]>
  tell: (status: HostStatus) => void
}

/** What cannot be changed under a hub that runs. */
const needsRestart = ['dataDir', 'port', 'lan', 'interfaces', 'browsers'] as const

export class Hosting {
  readonly #options: HostingOptions
  readonly #supervisor: Supervisor
  readonly #invites: Invites
  #last: Promise<unknown> = Promise.resolve()
  #addresses: HubAddress[] = []
  #people = 0
  #setupCode = ''
  #movedFrom: number | undefined
  #isAnnounced = false
  #mine: string[] = []
  #waiting: (() => void)[] = []

  constructor(options: HostingOptions) {
    this.#options = options
    this.#supervisor = new Supervisor({
      spawner: options.spawner,
      clock: options.clock,
      onState: (state) => this.#entered(state),
      onMessage: (message) => this.#hear(message),
    })
    this.#invites = new Invites((message) => this.#supervisor.send(message))
  }

  get hubId(): HubId | undefined {
    return this.#options.settings.current.hubId || undefined
  }

  /** Others who would be cut off. */
  get people(): number {
    return this.#people
  }

  get isRunning(): boolean {
    return this.#supervisor.state.state === 'running'
  }

  status(): HostStatus {
    const { state } = this.#supervisor
    const { name } = this.#options.settings.current
    const shown = { hubId: this.hubId, name, isAnnounced: this.#isAnnounced }
    switch (state.state) {
      case 'running':
        return {
          ...shown,
          state: 'running',
          port: state.listening.port,
          addresses: this.#addresses.map(({ address, via }) => ({ host: address, network: via })),
          people: this.#people,
          isSetUp: this.#setupCode === '',
          movedFrom: this.#movedFrom,
        }
      case 'waiting':
        return { ...shown, state: 'crashed', comesBack: true, problem: state.problem.sentence }
      case 'down':
        return { ...shown, state: 'crashed', comesBack: false, problem: state.problem.sentence }
      default:
        return { ...shown, state: state.state }
    }
  }

  settings(): HostSettings {
    const { dataDir, port, lan, interfaces, announce, browsers, startWithApp, keepAwake } =
      this.#options.settings.current
    return { dataDir, port, lan, interfaces: [...interfaces], announce, browsers, startWithApp, keepAwake }
  }

  /** At the start of the app: what ran when it was quit runs again. */
  resume(): void {
    const { startWithApp, wasRunning } = this.#options.settings.current
    if (startWithApp && wasRunning) void this.start().catch(() => undefined)
  }

  /** Resolves when it runs, or with what is wrong. */
  start(changes: Partial<HostSettings> = {}): Promise<HostStatus> {
    return this.#next(async () => {
      this.#options.settings.change({ ...changes, wasRunning: true })
      const running = this.#settled()
      this.#supervisor.start(this.#startOptions())
      await running
      return this.status()
    })
  }

  /**
   * The hub of a backup, in a folder that is not there yet. What was here before stays where it is.
   * @throws ShellError with what is wrong; then everything is as it was
   */
  restore(backup: string, dataDir: string): Promise<HostStatus> {
    return this.#next(async () => {
      const { settings, hubs } = this.#options
      const { dataDir: before, hubId, name, wasRunning } = settings.current
      await this.#supervisor.stop()
      settings.change({ dataDir, wasRunning: true })
      const running = this.#settled()
      this.#supervisor.start({ ...this.#startOptions(), restoreFrom: backup })
      await running
      const { state } = this.#supervisor
      if (state.state === 'running') {
        await hubs.add(hostAndPort('127.0.0.1', state.listening.port), state.listening.hubId)
        return this.status()
      }
      await this.#supervisor.stop()
      settings.change({ dataDir: before })
      settings.change({ hubId, name, wasRunning })
      if (wasRunning) this.#supervisor.start(this.#startOptions())
      throw new ShellError(
        'conflict',
        'problem' in state ? state.problem.sentence : 'The backup could not be brought back. Try again.',
      )
    })
  }

  stop(): Promise<HostStatus> {
    return this.#next(async () => {
      this.#options.settings.change({ wasRunning: false })
      await this.#supervisor.stop()
      return this.status()
    })
  }

  restart(): Promise<HostStatus> {
    return this.#next(async () => {
      const running = this.#settled()
      await this.#supervisor.restart(this.#startOptions())
      await running
      return this.status()
    })
  }

  /** The app ends: the hub with it, and what ran runs again next time. */
  async quit(): Promise<void> {
    await this.#options.announcer.stop().catch(() => undefined)
    await this.#supervisor.stop()
  }

  async change(changes: Partial<HostSettings>): Promise<HostSettings> {
    const before = this.#options.settings.current
    const after = this.#options.settings.change(changes)
    const anew = needsRestart.some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    if (anew && this.isRunning) await this.restart()
    else this.#follow()
    return this.settings()
  }

  async setUp(owner: NewOwner): Promise<{ hub: HubInfo; recoveryKey: string }> {
    const { state } = this.#supervisor
    if (state.state !== 'running' || this.#setupCode === '') {
      throw new ShellError(
        'conflict',
        'This hub has an owner already. Log in, or choose another folder for a new hub.',
      )
    }
    const { hubId, port } = state.listening
    const hub = await this.#options.hubs.add(hostAndPort('127.0.0.1', port), hubId)
    const { recoveryKey } = await this.#options.hubs.setUp(hubId, this.#setupCode, owner)
    this.#setupCode = ''
    this.#options.settings.change({ name: owner.teamName })
    // its name and who may come in are told to the network from now on
    this.#supervisor.send({ t: 'addresses' })
    this.#follow()
    return { hub: { ...hub, name: owner.teamName }, recoveryKey }
  }

  async invite(): Promise<HostInvite> {
    const { state } = this.#supervisor
    if (state.state !== 'running') {
      throw new ShellError('conflict', 'The hub is not running. Start it, then invite people.')
    }
    const { hubId, port } = state.listening
    const code = await this.#invites.ask({ uses: 20, days: 7 })
    const addresses = this.#addresses.map(({ address }) => hostAndPort(address, port))
    const [first = hostAndPort('127.0.0.1', port)] = addresses
    return {
      url: joinPage({ origin: `https://${first}`, code, hubId }),
      link: joinLink({ addresses: addresses.length > 0 ? addresses : [first], code, hubId }),
      fingerprint: hubId,
    }
  }

  checkReachable(): Promise<Finding[]> {
    const { state } = this.#supervisor
    const settings = this.#options.settings.current
    return this.#options.check({
      running: state.state === 'running',
      settings,
      port: state.state === 'running' ? state.listening.port : settings.port,
      addresses: this.#addresses,
    })
  }

  networks(): HostAddress[] {
    return this.#options.networks().map(({ address, via }) => ({ host: address, network: via }))
  }

  /** Whose connections are the person's own: the account this app uses at the hub. */
  setMine(id: HubId, userId: string): void {
    if (id !== this.hubId || this.#mine.includes(userId)) return
    this.#mine.push(userId)
    this.#supervisor.send({ t: 'mine', userIds: this.#mine })
  }

  prepareSleep(): void {
    this.#supervisor.send({ t: 'prepare-sleep' })
  }

  wokeUp(): void {
    this.#supervisor.send({ t: 'addresses' })
    this.#isAnnounced = false
    void this.#options.announcer
      .stop()
      .catch(() => undefined)
      .then(() => this.#follow())
  }

  #startOptions(): HubStart {
    const { dataDir, port, lan, interfaces, browsers } = this.#options.settings.current
    const { logFile, pagesDir } = this.#options
    return { dataDir, port, lan, interfaces, browsers, logFile, pagesDir }
  }

  /** One after the other: a stop that is pressed during a start waits for it. */
  #next<T>(step: () => Promise<T>): Promise<T> {
    const run = this.#last.then(step, step)
    this.#last = run.catch(() => undefined)
    return run
  }

  /** The next time it is known whether it runs. */
  #settled(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #entered(state: SupervisorState): void {
    if (state.state === 'running') this.#isRunningNow(state.listening)
    else this.#people = 0
    if (state.state === 'down') this.#options.log.warn('the hub stays down', { problem: state.problem.code })
    if (state.state !== 'running') this.#invites.forget()
    this.#follow()
    if (state.state === 'running' || state.state === 'down' || state.state === 'waiting') {
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
  }

  #isRunningNow(listening: Extract<SupervisorState, { state: 'running' }>['listening']): void {
    const { hubId, port, addresses, name, setupCode } = listening
    const { settings, hubs } = this.#options
    if (hubId !== this.hubId) this.#mine = []
    this.#addresses = addresses
    this.#setupCode = setupCode
    this.#movedFrom = port === settings.current.port ? undefined : settings.current.port
    // it stays where it is now, so that others find it there next time
    settings.change({ port, hubId, name })
    hubs.foundAt(hubId, [hostAndPort('127.0.0.1', port)])
    this.#supervisor.send({ t: 'mine', userIds: this.#mine })
  }

  #hear(message: FromHostedHub): void {
    switch (message.t) {
      case 'addresses':
        this.#addresses = message.addresses
        break
      case 'name':
        this.#options.settings.change({ name: message.name })
        break
      case 'people':
        this.#people = message.others
        if (message.outside && !this.#options.settings.current.seenOutside) {
          this.#options.settings.change({ seenOutside: true })
        }
        break
      case 'invited':
      case 'not-invited':
        return this.#invites.answered(message)
      default:
        return
    }
    this.#follow()
  }

  /** What follows from how things stand now. */
  #follow(): void {
    const { keepAwake, settings, announcer, tell, log } = this.#options
    const { state } = this.#supervisor
    const { announce, lan, name, keepAwake: wanted } = settings.current
    keepAwake.update({ wanted, others: this.isRunning ? this.#people : 0 })
    const here = state.state === 'running' && lan && announce && this.#setupCode === ''
    const said = here
      ? announcer.announce({
          hubId: state.listening.hubId,
          name,
          port: state.listening.port,
          addresses: this.#addresses,
        })
      : announcer.stop()
    said.then(
      () => this.#announced(here),
      (error: unknown) => {
        log.warn('the network cannot be told of the hub', { error })
        this.#announced(false)
      },
    )
    tell(this.status())
  }

  #announced(is: boolean): void {
    if (is === this.#isAnnounced) return
    this.#isAnnounced = is
    this.#options.tell(this.status())
  }
}
