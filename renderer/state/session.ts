// The session of the user in this window: login, logout, and waiting for approval.
//
// - The shell of the last user opens at once, from the cache. The page checks the session meanwhile.
// - Only the hub ends a session. An unreachable hub changes nothing.
import type { Input, Output } from '../../shared/contract.ts'
import type { Entry } from '../../shared/contract/entries.ts'
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { Recovered } from '../../shared/contract/accounts.ts'
import type { Me } from '../../shared/contract/live.ts'
import type { Settings } from '../../shared/contract/profile.ts'
import type { User } from '../../shared/contract/users.ts'
import type { MoveTicket } from '../../shared/move-ticket.ts'
import type { Place } from '../../shared/places.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, offlineError, type Request, type RequestError } from '../connection/request.ts'
import type { Platform } from '../connection/platform.ts'
import type { LastSessionStorage } from './last-session.ts'
import { batch, signal, type ReadonlySignal } from '../signals/signal.ts'

/**
 * `loading`: not known yet. `setup`: the hub has no owner yet. `out`: show login. `pending`: an admin has to approve
 * the account. `in`: show the shell.
 */
export type SessionStatus = 'loading' | 'setup' | 'out' | 'pending' | 'in'

export interface SessionOptions {
  /** Over HTTP. */
  request: Request
  platform: Pick<Platform, 'clock' | 'window' | 'random'>
  lastSession: LastSessionStorage
  /** Opens everything that belongs to this user. */
  open: (hubId: string, me: User) => Promise<void>
  close: (keep: 'everything' | 'unsent' | 'drafts') => Promise<void>
}

const retryDelaysMs = { initial: 500, max: 15_000 }
/** A pending account asks this often. */
const pendingPollMs = 4_000
const declinedReason =
  'Your request to join was declined. If you think this is a mistake, ask the owner of this hub.'
const endedReason = 'You were logged out. Log in again to continue. Your unsent messages are kept.'

export class Session {
  readonly #options: SessionOptions
  readonly #status = signal<SessionStatus>('loading')
  readonly #me = signal<User | undefined>(undefined)
  readonly #settings = signal<Readonly<Settings>>({})
  readonly #meta: ReturnType<typeof signal<HubMeta | undefined>>
  readonly #unreachable = signal(false)
  readonly #recoveryNotice = signal<Recovered | undefined>(undefined)
  readonly #reason = signal<string | undefined>(undefined)
  readonly #movedTo = signal<readonly Place[] | undefined>(undefined)
  readonly #ticket = signal<MoveTicket | undefined>(undefined)
  readonly #retryTimer: Timer
  #unsubscribeWake: (() => void) | undefined
  #csrf: string | undefined
  /** Runs while a write waits for the token. */
  #csrfRequest: Promise<Output<'me.get'>> | undefined
  /** `me.get` has just responded, so the next connection skips it. */
  #isMeFresh = false
  /** States and entries about this user that were applied. */
  #liveChanges = 0
  #failures = 0
  /** The hub has not responded to its registration. */
  #unansweredUsername: string | undefined
  #opened: { hubId: string; myId: string; ready: Promise<void> } | undefined

  readonly status: ReadonlySignal<SessionStatus> = this.#status
  readonly me: ReadonlySignal<User | undefined> = this.#me
  readonly settings: ReadonlySignal<Readonly<Settings>> = this.#settings
  /** The public data of the hub; from the last session until it has responded. */
  readonly meta: ReadonlySignal<HubMeta | undefined>
  /** While `loading`: the hub is unreachable, and is tried again. */
  readonly unreachable: ReadonlySignal<boolean> = this.#unreachable
  /** Another computer is the hub, at one of these places; undefined once the hub has answered. */
  readonly movedTo: ReadonlySignal<readonly Place[] | undefined> = this.#movedTo
  /** Takes the session of this browser there. */
  readonly ticket: ReadonlySignal<MoveTicket | undefined> = this.#ticket
  /** The account was recovered, and the user has not dismissed the notice yet. */
  readonly recoveryNotice: ReadonlySignal<Recovered | undefined> = this.#recoveryNotice
  /** While `out`: the reason as the user reads it, if they did not log out themselves. */
  readonly reason: ReadonlySignal<string | undefined> = this.#reason

  constructor(options: SessionOptions) {
    this.#options = options
    this.#retryTimer = new Timer(options.platform.clock)
    this.#meta = signal(options.lastSession.read().meta)
    this.meta = this.#meta
  }

  get csrf(): string | undefined {
    return this.#csrf
  }

  /** For a write over HTTP. The shell takes presses before the session was checked. @throws RequestError */
  async requestCsrf(): Promise<string | undefined> {
    if (this.#csrf !== undefined || this.#status.peek() !== 'in') return this.#csrf
    this.#csrfRequest ??= this.#options.request('me.get').finally(() => (this.#csrfRequest = undefined))
    return (await this.#csrfRequest).csrfToken
  }

  /** True if the shell of the last user is going to open, unless the hub has ended the session. */
  get isExpected(): boolean {
    const { meta, me, leaving } = this.#options.lastSession.read()
    return meta !== undefined && me !== undefined && !leaving && this.#options.lastSession.mayOpen
  }

  /** True on a shared computer, as the user has said at the login. */
  get isBrief(): boolean {
    return this.#options.lastSession.read().brief ?? false
  }

  /** Resolves when the first screen can be drawn. */
  async start(): Promise<void> {
    this.#unsubscribeWake = this.#options.platform.window.onWake(() => {
      this.retryNow()
      this.#followOtherTab()
    })
    const { meta, me } = this.#options.lastSession.read()
    if (!this.isExpected || !meta || !me) return this.#load()
    try {
      await this.#open(meta.hubId, me)
    } catch (error) {
      // A part of the page could not be loaded: the next attempt loads it.
      if (!isRequestError(error)) throw error
      return this.#load()
    }
    void this.#load()
  }

  /** Another tab of this browser has logged in since: nobody types their password twice. */
  #followOtherTab(): void {
    const { me, leaving } = this.#options.lastSession.read()
    if (this.#status.peek() === 'out' && me !== undefined && !leaving) void this.#load()
  }

  /** Tries an unreachable hub again, now. */
  retryNow(): void {
    if (this.#retryTimer.isSet) void this.#load()
  }

  /** Each @throws RequestError. After `setup` and `register` show the recovery key, then call `enter()`. */
  setup(input: Input<'hub.setup'>): Promise<Output<'hub.setup'>> {
    return this.#createAccount(input, () => this.#options.request('hub.setup', input))
  }

  register(input: Input<'accounts.register'>): Promise<Output<'accounts.register'>> {
    return this.#createAccount(input, () => this.#options.request('accounts.register', input))
  }

  /** The hub may have created the account although its response was lost: then a repeat opens it, with a new recovery key. */
  async #createAccount<T extends Input<'accounts.login'>, Opened>(input: T, create: () => Promise<Opened>) {
    try {
      return await create()
    } catch (error) {
      if (!isRequestError(error)) throw error
      const isRepeat = this.#unansweredUsername === input.username
      if (error.code === 'offline') this.#unansweredUsername = input.username
      // the account has the name now, and has used up the invite or the set-up code
      const isSpent = error.code === 'conflict' || error.code === 'forbidden'
      if (!isRepeat || !isSpent) throw error
      return this.#openCreated(input, error)
    }
  }

  async #openCreated({ username, password, device }: Input<'accounts.login'>, refusal: RequestError) {
    const { request } = this.#options
    const login = { username, password, ...(device === undefined ? {} : { device }) }
    const opened = await request('accounts.login', login).catch((error: unknown) => {
      // the account of another user
      throw isRequestError(error, 'unauthenticated') ? refusal : error
    })
    this.#csrf = (await request('me.get')).csrfToken
    const { recoveryKey } = await request('me.createRecoveryKey', { current: password })
    return { ...opened, recoveryKey }
  }

  /** Logs in and calls `enter()`. @throws RequestError */
  async login(input: Input<'accounts.login'>): Promise<void> {
    await this.#options.request('accounts.login', input)
    this.setBrief(input.remember === false)
    await this.enterHub()
  }

  /** Shown at the login. */
  explain(reason: string): void {
    this.#reason.value = reason
  }

  /** On a shared computer, as the user has said at the login of this session. */
  setBrief(brief: boolean): void {
    this.#options.lastSession.update({ brief })
  }

  /** Opens the shell with the new session. @throws RequestError */
  async enterHub(): Promise<void> {
    this.#options.lastSession.update({ leaving: false })
    // A set-up has given the hub a name and an owner.
    await this.#fetchMeta()
    await this.#fetchMe()
  }

  /** Without the hub the notice is closed until it is back. @throws RequestError */
  async dismissRecoveryNotice(): Promise<void> {
    try {
      await this.#options.request('me.dismissRecoveryNotice')
    } catch (error) {
      if (!isRequestError(error, 'offline')) throw error
    }
    this.#recoveryNotice.value = undefined
  }

  /** Deletes everything on this device except drafts, also if the hub is unreachable. */
  async logout(): Promise<void> {
    this.#retryTimer.clear()
    this.#options.lastSession.update({ me: undefined, brief: undefined, leaving: true })
    await this.#endSession('drafts', undefined)
    try {
      await this.#sendLogout()
    } catch (error) {
      if (!isRequestError(error)) throw error
    }
  }

  /** For the connection, before each attempt. @throws RequestError `unauthenticated` if the session is over */
  async credentials(): Promise<{ csrf?: string | undefined }> {
    if (!this.#isMeFresh) await this.#fetchMe()
    this.#isMeFresh = false
    return { csrf: this.#csrf }
  }

  /** The hub ended the session. */
  onSessionEnded(): void {
    if (this.#status.peek() === 'in') void this.#endSession('unsent', endedReason)
  }

  applyState({ me: { settings, ...user } }: { me: Me }): void {
    this.#liveChanges += 1
    batch(() => {
      this.#me.value = user
      this.#settings.value = settings
    })
    this.#options.lastSession.update({ me: user })
  }

  applyEntry(entry: Entry): void {
    switch (entry.type) {
      case 'settings.updated':
        return this.onMyChanges({ settings: entry.changes })
      case 'user.updated':
        if (entry.user.id === this.#me.peek()?.id) this.onMyChanges({ user: entry.user })
        return
      case 'hub.updated': {
        const { hubName, registration, recoveryByQuestion } = entry.changes
        return this.#applyMetaChanges({
          ...(hubName === undefined ? {} : { name: hubName }),
          ...(registration === undefined ? {} : { registration }),
          ...(recoveryByQuestion === undefined ? {} : { recoveryByQuestion }),
        })
      }
      default:
    }
  }

  /** Changed in this window or in another one of the user. */
  onMyChanges({ user, settings }: { user?: User; settings?: Settings }): void {
    this.#liveChanges += 1
    if (settings) this.#settings.value = { ...this.#settings.peek(), ...settings }
    if (!user) return
    this.#me.value = user
    this.#options.lastSession.update({ me: user })
  }

  #applyMetaChanges(changes: Partial<HubMeta>): void {
    const meta = this.#meta.peek()
    if (meta) this.#setMeta({ ...meta, ...changes })
  }

  /** Another hub, or another user, responds: starts over. */
  onHubMismatch(): void {
    this.#isMeFresh = false
    void this.#load()
  }

  close(): void {
    this.#unsubscribeWake?.()
    this.#retryTimer.clear()
  }

  async #load(): Promise<void> {
    this.#retryTimer.clear()
    try {
      const meta = await this.#fetchMeta()
      this.#failures = 0
      this.#unreachable.value = false
      if (this.#options.lastSession.read().leaving) await this.#sendLogout()
      if (meta.needsSetup) {
        if (this.#opened) await this.#options.close('everything')
        this.#opened = undefined
        this.#status.value = 'setup'
      } else {
        await this.#fetchMe()
      }
    } catch (error) {
      if (!isRequestError(error)) throw error
      if (error.code === 'unauthenticated') {
        const was = this.#status.peek()
        const reason = was === 'in' ? endedReason : was === 'pending' ? declinedReason : this.#reason.peek()
        await this.#endSession('unsent', reason)
      } else {
        if (error.moved) this.#movedTo.value = error.moved
        if (error.ticket) this.#ticket.value = error.ticket
        this.#retryLater(error.retryAfter)
      }
    }
  }

  /** In the shell the connection retries by itself. */
  #retryLater(seconds: number | undefined): void {
    if (this.#status.peek() === 'in') return
    if (this.#status.peek() === 'pending') return this.#pollApproval()
    const { random } = this.#options.platform
    const most = Math.min(retryDelaysMs.max, retryDelaysMs.initial * 2 ** Math.min(this.#failures, 10))
    this.#failures += 1
    this.#unreachable.value = true
    this.#retryTimer.set(seconds === undefined ? most * (0.5 + random() / 2) : seconds * 1000, () => {
      void this.#load()
    })
  }

  async #fetchMeta(): Promise<HubMeta> {
    const meta = await this.#options.request('hub.meta')
    this.#setMeta(meta)
    return meta
  }

  #setMeta(meta: HubMeta): void {
    this.#movedTo.value = undefined
    this.#ticket.value = undefined
    this.#meta.value = meta
    this.#options.lastSession.update({ meta })
  }

  async #fetchMe(): Promise<void> {
    const before = this.#liveChanges
    const { user, csrfToken, settings, recovered, pending } = await this.#options.request('me.get')
    this.#csrf = csrfToken
    if (pending) return this.#waitForApproval(user)
    this.#isMeFresh = true
    const hubId = this.#meta.peek()?.hubId
    if (hubId === undefined) throw offlineError()
    this.#options.lastSession.confirmTab()
    this.#recoveryNotice.value = recovered
    const known = this.#me.peek()
    // what arrived by the socket meanwhile may be newer than this response
    if (this.#liveChanges > before && known?.id === user.id) return this.#open(hubId, known)
    this.#settings.value = settings
    await this.#open(hubId, user)
  }

  /** The account is pending: the page polls, and opens once it is approved. */
  async #waitForApproval(me: User): Promise<void> {
    // The user has left the waiting screen while this request was in flight.
    if (this.#options.lastSession.read().leaving) return
    const wasOpen = this.#opened !== undefined
    this.#opened = undefined
    this.#isMeFresh = false
    this.#options.lastSession.update({ me: undefined })
    batch(() => {
      this.#me.value = me
      this.#unreachable.value = false
      this.#reason.value = undefined
      this.#status.value = 'pending'
    })
    this.#pollApproval()
    if (wasOpen) await this.#options.close('unsent')
  }

  #pollApproval(): void {
    this.#retryTimer.set(pendingPollMs, () => void this.#load())
  }

  async #open(hubId: string, me: User): Promise<void> {
    const isSame = this.#opened?.hubId === hubId && this.#opened.myId === me.id
    if (!isSame) {
      const before = this.#opened && this.#options.close('unsent')
      this.#me.value = me
      const ready = Promise.resolve(before).then(() => this.#options.open(hubId, me))
      this.#opened = { hubId, myId: me.id, ready }
    }
    try {
      await this.#opened?.ready
    } catch (error) {
      this.#opened = undefined
      throw error
    }
    batch(() => {
      this.#me.value = me
      this.#unreachable.value = false
      this.#reason.value = undefined
      this.#status.value = 'in'
    })
    this.#options.lastSession.update({ me })
  }

  async #endSession(keep: 'unsent' | 'drafts', reason: string | undefined): Promise<void> {
    const wasOpen = this.#opened !== undefined
    this.#opened = undefined
    this.#options.lastSession.update({ me: undefined, brief: undefined })
    batch(() => {
      this.#status.value = 'out'
      this.#reason.value = reason
      this.#me.value = undefined
      this.#settings.value = {}
      this.#recoveryNotice.value = undefined
    })
    if (wasOpen) await this.#options.close(keep)
  }

  async #sendLogout(): Promise<void> {
    try {
      // A newer session may exist: its token is fetched, not remembered.
      if (this.#csrf === undefined) this.#csrf = (await this.#options.request('me.get')).csrfToken
      await this.#options.request('accounts.logout')
    } catch (error) {
      if (!isRequestError(error, 'unauthenticated')) throw error
    }
    this.#csrf = undefined
    this.#isMeFresh = false
    this.#options.lastSession.update({ leaving: false })
  }
}
