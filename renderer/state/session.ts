// Who is logged in here, and the ways in and out.
//
// - A remembered person's shell opens at once, from the cache; whether the session still holds is asked meanwhile.
// - Only the hub says that a session is over. A hub that does not answer changes nothing.
import type { Input, Output } from '../../shared/contract.ts'
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { Recovered } from '../../shared/contract/accounts.ts'
import type { Me } from '../../shared/contract/live.ts'
import type { Settings } from '../../shared/contract/profile.ts'
import type { User } from '../../shared/contract/users.ts'
import { Alarm } from '../link/alarm.ts'
import { isRequestError, offlineError, type Request } from '../link/request.ts'
import type { Surroundings } from '../link/surroundings.ts'
import type { Remembered } from './remembered.ts'
import { batch, signal, type ReadonlySignal } from './signal.ts'

/**
 * `loading`: not known yet. `setup`: nobody owns the hub yet. `out`: show login. `pending`: an admin has to let them in
 * first. `in`: show the shell.
 */
export type SessionStatus = 'loading' | 'setup' | 'out' | 'pending' | 'in'

export interface SessionOptions {
  /** Over HTTP. */
  request: Request
  surroundings: Pick<Surroundings, 'clock' | 'window' | 'random'>
  remembered: Remembered
  /** Makes everything of this person; `live`: the hub has just said who they are. */
  open: (hubId: string, me: User) => Promise<void>
  close: (keep: 'everything' | 'unsent' | 'drafts') => Promise<void>
}

const triesAgain = { first: 500, most: 15_000 }
/** Somebody who waits to be let in looks as often. */
const asksAgain = 4_000
const declinedReason =
  'You were not let in this time. Ask the owner of this hub if you think that is a mistake.'
const endedReason = 'You were logged out. Log in again to go on; what you had not sent is kept.'

export class Session {
  readonly #options: SessionOptions
  readonly #status = signal<SessionStatus>('loading')
  readonly #me = signal<User | undefined>(undefined)
  readonly #settings = signal<Readonly<Settings>>({})
  readonly #meta: ReturnType<typeof signal<HubMeta | undefined>>
  readonly #unreachable = signal(false)
  readonly #recovered = signal<Recovered | undefined>(undefined)
  readonly #reason = signal<string | undefined>(undefined)
  readonly #again: Alarm
  #offWake: (() => void) | undefined
  #csrf: string | undefined
  /** `me.get` has just been answered: the next connection need not ask it again. */
  #isFresh = false
  #failures = 0
  #opened: { hubId: string; myId: string; ready: Promise<void> } | undefined

  readonly status: ReadonlySignal<SessionStatus> = this.#status
  readonly me: ReadonlySignal<User | undefined> = this.#me
  readonly settings: ReadonlySignal<Readonly<Settings>> = this.#settings
  /** What the hub says about itself to anybody; from the last visit until it has answered. */
  readonly meta: ReadonlySignal<HubMeta | undefined>
  /** While `loading`: the hub does not answer, and is tried again and again. */
  readonly unreachable: ReadonlySignal<boolean> = this.#unreachable
  /** The account was recovered, and the person has not yet said that they know. */
  readonly recovered: ReadonlySignal<Recovered | undefined> = this.#recovered
  /** While `out`: why, in a sentence, when the person did not log out themselves. */
  readonly reason: ReadonlySignal<string | undefined> = this.#reason

  constructor(options: SessionOptions) {
    this.#options = options
    this.#again = new Alarm(options.surroundings.clock)
    this.#meta = signal(options.remembered.read().meta)
    this.meta = this.#meta
  }

  get csrf(): string | undefined {
    return this.#csrf
  }

  /** Resolves when the first screen can be drawn. */
  async start(): Promise<void> {
    this.#offWake = this.#options.surroundings.window.onWake(() => {
      this.retryNow()
    })
    const { meta, me, leaving } = this.#options.remembered.read()
    if (meta && me && !leaving) {
      await this.#open(meta.hubId, me)
      void this.#learn()
    } else {
      await this.#learn()
    }
  }

  /** Asks a hub that did not answer again, now. */
  retryNow(): void {
    if (this.#again.isSet) void this.#learn()
  }

  /** Each throws RequestError. After `setup` and `register` show the recovery key, then call `enter()`. */
  setup(input: Input<'hub.setup'>): Promise<Output<'hub.setup'>> {
    return this.#options.request('hub.setup', input)
  }

  register(input: Input<'accounts.register'>): Promise<Output<'accounts.register'>> {
    return this.#options.request('accounts.register', input)
  }

  /** Goes in by itself. */
  async login(input: Input<'accounts.login'>): Promise<void> {
    await this.#options.request('accounts.login', input)
    await this.enter()
  }

  /** Into the shell with the session that was opened. */
  async enter(): Promise<void> {
    this.#options.remembered.update({ leaving: false })
    // After a set-up the hub has a name and an owner.
    await this.#askMeta()
    await this.#askMe()
  }

  /** Throws RequestError. */
  async recoverySeen(): Promise<void> {
    await this.#options.request('me.dismissRecoveryNotice')
    this.#recovered.value = undefined
  }

  /** Forgets everything here except drafts, also when the hub cannot be told. */
  async logout(): Promise<void> {
    this.#again.clear()
    this.#options.remembered.update({ me: undefined, leaving: true })
    await this.#goOut('drafts', undefined)
    try {
      await this.#tellLeaving()
    } catch (error) {
      if (!isRequestError(error)) throw error
    }
  }

  /** For the link, before each connection. Throws RequestError; `unauthenticated` when the session is over. */
  async credentials(): Promise<{ csrf?: string | undefined }> {
    if (!this.#isFresh) await this.#askMe()
    this.#isFresh = false
    return { csrf: this.#csrf }
  }

  /** The hub says that the session is over. */
  ended(): void {
    if (this.#status.peek() === 'in') void this.#goOut('unsent', endedReason)
  }

  meChanged({ settings, ...user }: Me): void {
    batch(() => {
      this.#me.value = user
      this.#settings.value = settings
    })
    this.#options.remembered.update({ me: user })
  }

  /** Here or in another window of mine. */
  iChanged({ user, settings }: { user?: User; settings?: Settings }): void {
    if (settings) this.#settings.value = { ...this.#settings.peek(), ...settings }
    if (!user) return
    this.#me.value = user
    this.#options.remembered.update({ me: user })
  }

  hubChanged(changes: Partial<HubMeta>): void {
    const meta = this.#meta.peek()
    if (meta) this.#takeMeta({ ...meta, ...changes })
  }

  /** Another hub, or another person, answers: everything from the beginning. */
  strange(): void {
    this.#isFresh = false
    void this.#learn()
  }

  close(): void {
    this.#offWake?.()
    this.#again.clear()
  }

  async #learn(): Promise<void> {
    this.#again.clear()
    try {
      const meta = await this.#askMeta()
      this.#failures = 0
      this.#unreachable.value = false
      if (this.#options.remembered.read().leaving) await this.#tellLeaving()
      if (meta.needsSetup) {
        if (this.#opened) await this.#options.close('everything')
        this.#opened = undefined
        this.#status.value = 'setup'
      } else {
        await this.#askMe()
      }
    } catch (error) {
      if (!isRequestError(error)) throw error
      if (error.code === 'unauthenticated') {
        const was = this.#status.peek()
        const reason = was === 'in' ? endedReason : was === 'pending' ? declinedReason : this.#reason.peek()
        await this.#goOut('unsent', reason)
      } else {
        this.#tryAgain(error.retryAfter)
      }
    }
  }

  /** In the shell the link goes on trying; else nobody else would. */
  #tryAgain(seconds: number | undefined): void {
    if (this.#status.peek() === 'in') return
    if (this.#status.peek() === 'pending') return this.#lookAgain()
    const { random } = this.#options.surroundings
    const most = Math.min(triesAgain.most, triesAgain.first * 2 ** Math.min(this.#failures, 10))
    this.#failures += 1
    this.#unreachable.value = true
    this.#again.set(seconds === undefined ? most * (0.5 + random() / 2) : seconds * 1000, () => {
      void this.#learn()
    })
  }

  async #askMeta(): Promise<HubMeta> {
    const meta = await this.#options.request('hub.meta')
    this.#takeMeta(meta)
    return meta
  }

  #takeMeta(meta: HubMeta): void {
    this.#meta.value = meta
    this.#options.remembered.update({ meta })
  }

  async #askMe(): Promise<void> {
    const { user, csrfToken, settings, recovered, pending } = await this.#options.request('me.get')
    this.#csrf = csrfToken
    if (pending) return this.#wait(user)
    this.#isFresh = true
    const hubId = this.#meta.peek()?.hubId
    if (hubId === undefined) throw offlineError()
    this.#settings.value = settings
    this.#recovered.value = recovered
    await this.#open(hubId, user)
  }

  /** Not let in yet: the page looks again and again, and opens by itself. */
  async #wait(me: User): Promise<void> {
    // they have had enough of waiting while this was asked
    if (this.#options.remembered.read().leaving) return
    const wasOpen = this.#opened !== undefined
    this.#opened = undefined
    this.#isFresh = false
    this.#options.remembered.update({ me: undefined })
    batch(() => {
      this.#me.value = me
      this.#unreachable.value = false
      this.#reason.value = undefined
      this.#status.value = 'pending'
    })
    this.#lookAgain()
    if (wasOpen) await this.#options.close('unsent')
  }

  #lookAgain(): void {
    this.#again.set(asksAgain, () => void this.#learn())
  }

  async #open(hubId: string, me: User): Promise<void> {
    const isSame = this.#opened?.hubId === hubId && this.#opened.myId === me.id
    if (!isSame) {
      const before = this.#opened && this.#options.close('unsent')
      this.#me.value = me
      const ready = Promise.resolve(before).then(() => this.#options.open(hubId, me))
      this.#opened = { hubId, myId: me.id, ready }
    }
    await this.#opened?.ready
    batch(() => {
      this.#me.value = me
      this.#unreachable.value = false
      this.#reason.value = undefined
      this.#status.value = 'in'
    })
    this.#options.remembered.update({ me })
  }

  async #goOut(keep: 'unsent' | 'drafts', reason: string | undefined): Promise<void> {
    const wasOpen = this.#opened !== undefined
    this.#opened = undefined
    this.#options.remembered.update({ me: undefined })
    batch(() => {
      this.#status.value = 'out'
      this.#reason.value = reason
      this.#me.value = undefined
      this.#settings.value = {}
      this.#recovered.value = undefined
    })
    if (wasOpen) await this.#options.close(keep)
  }

  async #tellLeaving(): Promise<void> {
    try {
      // Another visit may have begun since: its token is asked for, not remembered.
      if (this.#csrf === undefined) this.#csrf = (await this.#options.request('me.get')).csrfToken
      await this.#options.request('accounts.logout')
    } catch (error) {
      if (!isRequestError(error, 'unauthenticated')) throw error
    }
    this.#csrf = undefined
    this.#isFresh = false
    this.#options.remembered.update({ leaving: false })
  }
}
