// The life of one user's connection to one hub: opened at login, closed at logout, so that a response to the previous
// user can never reach the next one. What the user sees is in the stores (stores.ts).
import { batch } from '../signals/signal.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import { addressesOf } from '../connection/addresses.ts'
import { HubConnection, type HubConnectionOptions } from '../connection/hub-connection.ts'
import type { Platform } from '../connection/platform.ts'
import { createHeldRequest, type Request } from '../connection/request.ts'
import { Cache, type CacheContent } from '../sync/cache.ts'
import { readRecord, withoutLooseHistory } from './cache-records.ts'
import { FollowedStreams } from './followed-streams.ts'
import { IdleDetector } from './idle-detector.ts'
import type { LiveState, Store } from './store.ts'
import { createStores, storesInOrder, type StoreContext, type Stores } from './stores.ts'

export interface AccountOptions extends Pick<
  StoreContext,
  'base' | 'myId' | 'myUsername' | 'keepsHistory' | 'settings' | 'csrf' | 'platform'
> {
  hubId: string
  /** The session takes part in entries and states as a store does; the account does not close it. */
  session: Pick<Store, 'applyEntry' | 'applyState'>
  credentials: () => Promise<{ csrf?: string | undefined }>
  /** See Session. */
  requestCsrf: () => Promise<string | undefined>
  term: HubConnectionOptions['term']
  /** The session is over. */
  onSessionEnded: () => void
  /** Another hub, or another user, responds at this address. */
  onHubMismatch: () => void
}

/** A message is late by less, also on a page that is busy: a smaller difference says nothing about the clocks. */
const sameClockMs = 5_000

export class Account {
  readonly #options: AccountOptions
  readonly #allStores: readonly Store[]
  readonly #streams: FollowedStreams
  readonly #idleDetector: IdleDetector
  readonly #unsubscribes: (() => void)[] = []
  /** How far the clock of the hub is ahead of the one here. */
  #hubAheadMs = 0

  readonly cache: Cache
  readonly connection: HubConnection
  readonly stores: Stores

  /** Opens the cache of this user. The hub is not asked before `start`. */
  static async open(options: AccountOptions): Promise<Account> {
    const { indexedDB, clock } = options.platform
    const cache = await Cache.open(indexedDB, cacheName(options), clock, readRecord)
    const content = withoutLooseHistory(await cache.readAll(), (store, key) =>
      cache.put(store, key, undefined),
    )
    return new Account(options, cache, content)
  }

  private constructor(options: AccountOptions, cache: Cache, content: CacheContent) {
    this.#options = options
    this.cache = cache
    this.connection = this.#createConnection(options.platform)
    const requestHeld = createHeldRequest({
      base: options.base,
      platform: options.platform,
      connection: () => this.connection,
      csrf: options.requestCsrf,
    })
    const request: Request = async (name, ...input) => (await requestHeld(name, ...input)).output
    const isLive = () => this.connection.isLive
    this.stores = createStores({
      ...options,
      request,
      requestHeld,
      epoch: () => this.#streams.epoch,
      hubNow: () => this.hubNow(),
      isLive,
      send: (message) => this.connection.send(message),
      name: cacheName(options),
      cache,
      content,
      cursorOf: (chatId) => this.#streams.cursorOf(chatId),
      onMessage: (change) => {
        for (const store of this.#allStores) store.applyMessage?.(change)
      },
    })
    this.#allStores = [options.session, ...storesInOrder(this.stores)]
    this.#streams = new FollowedStreams({
      ...this.stores,
      myId: options.myId,
      clock: options.platform.clock,
      request,
      isLive,
      cache,
      content,
      stores: this.#allStores,
    })
    this.#idleDetector = new IdleDetector(options.platform)
  }

  /** The time by the hub's clock: the one here may be wrong by days. Before the first connection it is that of this device. */
  hubNow(): number {
    return this.#options.platform.clock.now() + this.#hubAheadMs
  }

  start(): void {
    this.#unsubscribes.push(
      this.#options.platform.window.onHide(() => void this.cache.flush()),
      this.#idleDetector.state.subscribe((state) => this.connection.send({ t: 'presence', state })),
    )
    this.connection.start()
  }

  /** `keep`: what stays on this machine. A logout forgets what was not sent, an ended session does not. */
  async close(keep: 'everything' | 'unsent' | 'drafts' = 'everything'): Promise<void> {
    for (const unsubscribe of this.#unsubscribes) unsubscribe()
    this.connection.stop()
    this.#streams.close()
    this.#idleDetector.close()
    for (const store of storesInOrder(this.stores)) store.close?.()
    if (keep !== 'everything')
      await this.cache.purge(
        keep === 'unsent' ? ['drafts', 'outbox', 'uploads', 'edits', 'kept'] : ['drafts'],
      )
    await this.cache.close()
  }

  #createConnection({ clock, window, random, openSocket }: Platform): HubConnection {
    return new HubConnection({
      address: addressesOf(this.#options.base).live,
      platform: { clock, window, random, openSocket },
      credentials: this.#options.credentials,
      epoch: () => this.#streams.epoch,
      have: (isLarge) => this.#streams.have(isLarge),
      term: this.#options.term,
      onMessage: (message) => this.#onMessage(message),
      onDropped: () => this.#onConnectionLost(),
      onSessionEnded: this.#options.onSessionEnded,
    })
  }

  #onMessage(message: FromHub): void {
    switch (message.t) {
      case 'hello':
        this.#hubAheadMs = differenceOf(message.now, this.#options.platform.clock.now())
        if (message.hubId !== this.#options.hubId || message.user !== this.#options.myId)
          this.#options.onHubMismatch()
        return
      case 'state':
        return this.#applyState(message)
      case 'entry': {
        const { t: _, ...entry } = message
        return this.#streams.receive(entry)
      }
      case 'ok':
      case 'err':
      case 'pong':
      case 'bye':
        return
      default:
        for (const store of this.#allStores) store.applyHint?.(message)
        if (message.t === 'behind') this.#streams.noteHeads(message.heads)
    }
  }

  #applyState(state: LiveState): void {
    this.#streams.applyState(state)
    for (const store of this.#allStores) store.onState?.()
    if (this.#idleDetector.state.peek() === 'idle') this.connection.send({ t: 'presence', state: 'idle' })
  }

  #onConnectionLost(): void {
    batch(() => {
      this.#streams.pause()
      for (const store of this.#allStores) store.onConnectionLost?.()
    })
  }
}

function cacheName({ hubId, myId }: Pick<AccountOptions, 'hubId' | 'myId'>): string {
  return `hubbub-${hubId}-${myId}`
}

function differenceOf(hubNow: number, now: number): number {
  const difference = hubNow - now
  return Math.abs(difference) < sameClockMs ? 0 : difference
}
