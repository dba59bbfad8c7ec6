import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { HubId, HubInfo, HubProbeResult } from '../../shared/desktop.ts'
import { formatAddress, parseAddress, type Address } from '../net/address.ts'
import { HubClient } from '../net/hub-client.ts'
import { probeIdentity, probeCertificate } from '../net/identity.ts'
import { fetchHubMeta, MovedError } from '../net/hub-meta.ts'
import { connectionErrorKind } from '../net/connection-error.ts'
import type { Clock, Log } from '../ports.ts'
import { ShellError } from '../shell-error.ts'
import { clockErrorMessage, HubConnection } from './connection.ts'
import type { KnownHub, HubRegistry } from './registry.ts'
import type { TokenStore } from './token-store.ts'

export interface HubsOptions {
  registry: HubRegistry
  secrets: TokenStore
  clock: Clock
  random: () => number
  log: Log
  /** The id of the hub that this app hosts. */
  hostedId?: () => HubId | undefined
}

type ChatsListener = (id: HubId, myId: string, chats: ChatSummary[]) => void
type ThreadsListener = (id: HubId, myId: string, threads: Thread[]) => void

/** All known hubs, with a connection to each. */
export class Hubs {
  readonly #options: HubsOptions
  readonly #connections = new Map<HubId, HubConnection>()
  readonly #changeListeners = new Set<(hubs: HubInfo[]) => void>()
  readonly #messageListeners = new Set<(id: HubId, message: FromHub) => void>()
  readonly #chatsListeners = new Set<ChatsListener>()
  readonly #threadsListeners = new Set<ThreadsListener>()
  #isNotifyScheduled = false

  /** Resolves when tokens can be read. */
  readonly ready: Promise<void>

  constructor(options: HubsOptions) {
    this.#options = options
    for (const { id } of options.registry.list()) this.#connections.set(id, this.#createConnection(id))
    this.ready = this.#start()
  }

  async #start(): Promise<void> {
    await this.#options.secrets.load()
    for (const connection of this.#connections.values()) connection.start()
  }

  list(): HubInfo[] {
    const hosted = this.#options.hostedId?.()
    return this.#options.registry.list().map(({ id }) => ({
      ...this.get(id).info(),
      isHosted: id === hosted,
    }))
  }

  /** @throws ShellError `not_found` */
  get(id: HubId): HubConnection {
    const connection = this.#connections.get(id)
    if (!connection) throw new ShellError('not_found', 'This hub is not in your list.')
    return connection
  }

  token(id: HubId): string | undefined {
    return this.#options.secrets.get(id)
  }

  onChange(run: (hubs: HubInfo[]) => void): () => void {
    this.#changeListeners.add(run)
    return () => this.#changeListeners.delete(run)
  }

  /** Frames from each hub on the shell's own connection, for notifications. */
  onMessage(run: (id: HubId, message: FromHub) => void): () => void {
    this.#messageListeners.add(run)
    return () => this.#messageListeners.delete(run)
  }

  /** The chats of each hub after every recount, for notifications. */
  onChats(run: ChatsListener): () => void {
    this.#chatsListeners.add(run)
    return () => this.#chatsListeners.delete(run)
  }

  /** The threads that a user follows, after the chats. */
  onThreads(run: ThreadsListener): () => void {
    this.#threadsListeners.add(run)
    return () => this.#threadsListeners.delete(run)
  }

  async probe(text: string): Promise<HubProbeResult> {
    const address = parseAddress(text)
    if (address.plain) {
      const { hubId } = await this.#fetchMeta(address, { trust: 'local' })
      return this.#probeResult(address, hubId, 'local')
    }
    const presented = await probeIdentity(address)
    if (presented.trust === 'public') {
      const { hubId } = await this.#fetchMeta(address, { trust: 'public' })
      return { ...this.#probeResult(address, hubId, 'public'), fingerprint: undefined }
    }
    return this.#probeResult(address, presented.fingerprint, 'pinned')
  }

  /** @throws ShellError `changed` if the hub's identity does not match the fingerprint */
  async add(text: string, fingerprint: string): Promise<HubInfo> {
    await this.ready
    const { claimed, address } = await this.#verifyHubOrPlace(parseAddress(text), fingerprint)
    const known = mergeTrust(claimed, this.#options.registry.find(claimed.id), address)
    this.#options.registry.upsert(known)
    const connection = this.#connections.get(known.id)
    // the trust may differ from before
    connection?.close()
    this.#connect(known.id)
    this.#notifyChange()
    return this.list().find(({ id }) => id === known.id) as HubInfo
  }

  /** Discovery or an invite knows more addresses of a hub. Each still has to prove the identity. */
  addAddresses(id: HubId, addresses: string[]): void {
    const known = this.#options.registry.find(id)
    if (!known) return
    const newAddresses = addresses.filter((address) => !known.addresses.includes(address))
    if (newAddresses.length === 0) return
    const merged = [...known.addresses.slice(0, 1), ...newAddresses]
    this.#options.registry.recordAddresses({ ...known, addresses: merged })
    if (this.get(id).info().state !== 'online') this.get(id).wake()
  }

  async remove(id: HubId): Promise<void> {
    const connection = this.get(id)
    this.#options.registry.remove(id)
    connection.close()
    this.#connections.delete(id)
    this.#notifyChange()
    await this.#options.secrets.delete(id)
  }

  reorder(ids: HubId[]): void {
    this.#options.registry.reorder(ids)
    this.#notifyChange()
  }

  async signedIn(id: HubId, token: string): Promise<void> {
    const saved = this.#options.secrets.set(id, token)
    this.get(id).signedIn()
    await saved
  }

  /** `token`: the one that ended. A newer token is not affected. */
  async signedOut(id: HubId, token: string | undefined): Promise<void> {
    if (token === undefined || this.token(id) !== token) return
    const deleted = this.#options.secrets.delete(id)
    this.get(id).signedOut()
    this.#notifyChange()
    await deleted
  }

  wake(): void {
    for (const connection of this.#connections.values()) connection.wake()
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
  }

  /** An invite may name a computer that is a standby by now: it knows where the hub is. */
  async #verifyHubOrPlace(
    address: Address,
    fingerprint: string,
  ): Promise<{ claimed: KnownHub; address: Address }> {
    try {
      return { claimed: await this.#verifyHub(address, fingerprint), address }
    } catch (error) {
      if (!(error instanceof MovedError)) throw error
      for (const place of error.addresses.map(parseAddress)) {
        const claimed = await this.#verifyHub(place, fingerprint).catch(() => undefined)
        if (claimed) return { claimed, address: place }
      }
      throw error
    }
  }

  async #verifyHub(address: Address, fingerprint: string): Promise<KnownHub> {
    if (fingerprint === 'public' || fingerprint === 'local') {
      if (address.plain !== (fingerprint === 'local')) throw trustMismatch()
      const meta = await this.#fetchMeta(address, { trust: fingerprint })
      return createKnownHub(meta, address, fingerprint)
    }
    if (address.plain) throw trustMismatch()
    const presented = await probeCertificate(address)
    if (presented.fingerprint !== fingerprint) throw identityMismatch()
    // fetched only now, over a connection that accepts no other hub
    const meta = await this.#fetchMeta(address, { trust: 'pinned', pin: presented.ca })
    if (meta.hubId !== fingerprint) throw identityMismatch()
    return { ...createKnownHub(meta, address, 'pinned'), pin: presented.ca }
  }

  async #fetchMeta(address: Address, trust: Pick<KnownHub, 'trust' | 'pin'>): Promise<HubMeta> {
    const client = new HubClient(trust)
    try {
      return await fetchHubMeta(client, address)
    } catch (error) {
      if (error instanceof ShellError) throw error
      throw connectionErrorKind(error) === 'clock' ? certificateClockError(error) : unreachableError(error)
    } finally {
      client.close()
    }
  }

  #probeResult(address: Address, fingerprint: string, trust: 'pinned' | 'public' | 'local'): HubProbeResult {
    const known = this.#options.registry.find(fingerprint)?.id
    return { address: formatAddress(address), fingerprint, trust, knownHubId: known }
  }

  #connect(id: HubId): void {
    const connection = this.#createConnection(id)
    this.#connections.set(id, connection)
    connection.start()
  }

  #createConnection(id: HubId): HubConnection {
    const { registry, secrets, clock, random, log } = this.#options
    return new HubConnection({
      knownHub: () => registry.find(id) as KnownHub,
      clock,
      random,
      log,
      token: () => secrets.get(id),
      onChange: () => this.#notifyChange(),
      onReached: (address, name) => registry.recordReached(id, address, name),
      onContinuity: (changes) => registry.recordContinuity(id, changes),
      onSessionEnded: (token) => void this.signedOut(id, token),
      onMessage: (message) => {
        for (const run of this.#messageListeners) run(id, message)
      },
      onChats: (myId, chats) => {
        for (const run of this.#chatsListeners) run(id, myId, chats)
      },
      onThreads: (myId, threads) => {
        for (const run of this.#threadsListeners) run(id, myId, threads)
      },
    })
  }

  /** Notifies once for all changes of one turn of the event loop. */
  #notifyChange(): void {
    if (this.#isNotifyScheduled) return
    this.#isNotifyScheduled = true
    queueMicrotask(() => {
      this.#isNotifyScheduled = false
      const hubs = this.list()
      for (const run of this.#changeListeners) run(hubs)
    })
  }
}

function createKnownHub(meta: HubMeta, address: Address, trust: KnownHub['trust']): KnownHub {
  return { id: meta.hubId, name: meta.name, addresses: [formatAddress(address)], trust }
}

/**
 * Only a pinned hub has proven its id; any other merely claims it. So a hub that claims a known id takes nothing over:
 * neither the address where its token is sent nor the pin.
 */
function mergeTrust(hub: KnownHub, known: KnownHub | undefined, address: Address): KnownHub {
  if (!known || hub.trust === 'pinned') return hub
  // the hub still has to prove its key at the new address
  if (known.trust === 'pinned') {
    const newAddress = formatAddress({ ...address, plain: false })
    return { ...known, addresses: [...known.addresses.slice(0, 1), newAddress] }
  }
  const hosts = known.addresses.map((text) => parseAddress(text).host)
  if (known.trust === hub.trust && hosts.includes(address.host)) return hub
  throw new ShellError(
    'changed',
    'A hub with this identity is already in your list under another address. If it has moved here, remove it from the list first.',
  )
}

function identityMismatch(): ShellError {
  return new ShellError(
    'changed',
    'The hub at this address is not the expected one: its fingerprint is different. Nothing was sent to it.',
  )
}

function trustMismatch(): ShellError {
  return new ShellError(
    'not_a_hub',
    'The hub at this address uses another kind of certificate than expected. Check the address.',
  )
}

function certificateClockError(cause: unknown): ShellError {
  return new ShellError('not_a_hub', clockErrorMessage, { cause })
}

function unreachableError(cause: unknown): ShellError {
  return new ShellError('unreachable', 'The hub does not respond. Check that it is running, and try again.', {
    cause,
  })
}
