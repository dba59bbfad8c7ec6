import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { HubId, HubInfo, HubLook } from '../../shared/desktop.ts'
import { formatAddress, parseAddress, type Address } from '../net/address.ts'
import { HubClient } from '../net/hub-client.ts'
import { lookAt, lookAtKey } from '../net/identity.ts'
import { askMeta } from '../net/meta.ts'
import { problemOf } from '../net/problems.ts'
import type { Clock, Log } from '../ports.ts'
import { ShellError } from '../shell-error.ts'
import { clockSentence, HubConnection } from './connection.ts'
import type { KnownHub, Registry } from './registry.ts'
import type { Secrets } from './secrets.ts'

export interface HubsOptions {
  registry: Registry
  secrets: Secrets
  clock: Clock
  random: () => number
  log: Log
  /** The hub that this app hosts itself. */
  hostedId?: () => HubId | undefined
}

type Counted = (id: HubId, myId: string, chats: ChatSummary[]) => void
type CountedThreads = (id: HubId, myId: string, threads: Thread[]) => void

/** Everything the shell knows of hubs, and a connection to each. */
export class Hubs {
  readonly #options: HubsOptions
  readonly #connections = new Map<HubId, HubConnection>()
  readonly #onChange = new Set<(hubs: HubInfo[]) => void>()
  readonly #onHeard = new Set<(id: HubId, message: FromHub) => void>()
  readonly #onCounted = new Set<Counted>()
  readonly #onThreads = new Set<CountedThreads>()
  #telling = false

  /** Resolves when tokens can be asked for. */
  readonly ready: Promise<void>

  constructor(options: HubsOptions) {
    this.#options = options
    for (const { id } of options.registry.list()) this.#connections.set(id, this.#connection(id))
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
    this.#onChange.add(run)
    return () => this.#onChange.delete(run)
  }

  /** What each hub says on the shell's own connection to it: for notifications. */
  onHeard(run: (id: HubId, message: FromHub) => void): () => void {
    this.#onHeard.add(run)
    return () => this.#onHeard.delete(run)
  }

  /** The chats of each hub, whenever they are counted anew: for notifications. */
  onCounted(run: Counted): () => void {
    this.#onCounted.add(run)
    return () => this.#onCounted.delete(run)
  }

  /** The threads that a person follows, after their chats. */
  onThreads(run: CountedThreads): () => void {
    this.#onThreads.add(run)
    return () => this.#onThreads.delete(run)
  }

  async look(text: string): Promise<HubLook> {
    const address = parseAddress(text)
    if (address.plain) {
      const { hubId } = await this.#metaOf(address, { trust: 'local' })
      return this.#looked(address, hubId, 'local')
    }
    const presented = await lookAt(address)
    if (presented.trust === 'public') {
      const { hubId } = await this.#metaOf(address, { trust: 'public' })
      return { ...this.#looked(address, hubId, 'public'), fingerprint: undefined }
    }
    return this.#looked(address, presented.fingerprint, 'pinned')
  }

  /** @throws ShellError `changed` when somebody else answers than the fingerprint says */
  async add(text: string, fingerprint: string): Promise<HubInfo> {
    await this.ready
    const address = parseAddress(text)
    const claimed = await this.#prove(address, fingerprint)
    const known = withoutLoss(claimed, this.#options.registry.find(claimed.id), address)
    this.#options.registry.put(known)
    const connection = this.#connections.get(known.id)
    // trust may be another one than before
    connection?.close()
    this.#connect(known.id)
    this.#changed()
    return this.list().find(({ id }) => id === known.id) as HubInfo
  }

  /** Discovery or an invite knows more places where a hub may be; each still has to prove who it is. */
  foundAt(id: HubId, addresses: string[]): void {
    const known = this.#options.registry.find(id)
    if (!known) return
    const fresh = addresses.filter((address) => !known.addresses.includes(address))
    if (fresh.length === 0) return
    this.#options.registry.put({ ...known, addresses: [...known.addresses.slice(0, 1), ...fresh] })
    if (this.get(id).info().state !== 'online') this.get(id).wake()
  }

  async remove(id: HubId): Promise<void> {
    this.get(id).close()
    this.#connections.delete(id)
    this.#options.registry.remove(id)
    this.#changed()
    await this.#options.secrets.forget(id)
  }

  reorder(ids: HubId[]): void {
    this.#options.registry.reorder(ids)
    this.#changed()
  }

  async signedIn(id: HubId, token: string): Promise<void> {
    const kept = this.#options.secrets.keep(id, token)
    this.get(id).signedIn()
    await kept
  }

  /** `token`: the one that has ended; a newer one is not its business. */
  async signedOut(id: HubId, token: string | undefined): Promise<void> {
    if (token === undefined || this.token(id) !== token) return
    const forgotten = this.#options.secrets.forget(id)
    this.get(id).signedOut()
    this.#changed()
    await forgotten
  }

  wake(): void {
    for (const connection of this.#connections.values()) connection.wake()
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
  }

  async #prove(address: Address, fingerprint: string): Promise<KnownHub> {
    if (fingerprint === 'public' || fingerprint === 'local') {
      if (address.plain !== (fingerprint === 'local')) throw notThatTrust()
      const meta = await this.#metaOf(address, { trust: fingerprint })
      return known(meta, address, fingerprint)
    }
    if (address.plain) throw notThatTrust()
    const presented = await lookAtKey(address)
    if (presented.fingerprint !== fingerprint) throw anotherHub()
    // asked only now, by a connection that lets nobody else answer
    const meta = await this.#metaOf(address, { trust: 'pinned', pin: presented.ca })
    if (meta.hubId !== fingerprint) throw anotherHub()
    return { ...known(meta, address, 'pinned'), pin: presented.ca }
  }

  async #metaOf(address: Address, trust: Pick<KnownHub, 'trust' | 'pin'>): Promise<HubMeta> {
    const client = new HubClient(trust)
    try {
      return await askMeta(client, address)
    } catch (error) {
      if (error instanceof ShellError) throw error
      throw problemOf(error) === 'clock' ? untimely(error) : unreachable(error)
    } finally {
      client.close()
    }
  }

  #looked(address: Address, fingerprint: string, trust: 'pinned' | 'public' | 'local'): HubLook {
    const known = this.#options.registry.find(fingerprint)?.id
    return { address: formatAddress(address), fingerprint, trust, known }
  }

  #connect(id: HubId): void {
    const connection = this.#connection(id)
    this.#connections.set(id, connection)
    connection.start()
  }

  #connection(id: HubId): HubConnection {
    const { registry, secrets, clock, random, log } = this.#options
    return new HubConnection({
      known: () => registry.find(id) as KnownHub,
      clock,
      random,
      log,
      token: () => secrets.get(id),
      changed: () => this.#changed(),
      reachedAt: (address, name) => registry.reachedAt(id, address, name),
      sessionEnded: (token) => void this.signedOut(id, token),
      heard: (message) => {
        for (const run of this.#onHeard) run(id, message)
      },
      counted: (myId, chats) => {
        for (const run of this.#onCounted) run(id, myId, chats)
      },
      countedThreads: (myId, threads) => {
        for (const run of this.#onThreads) run(id, myId, threads)
      },
    })
  }

  /** Once for everything that one turn changes. */
  #changed(): void {
    if (this.#telling) return
    this.#telling = true
    queueMicrotask(() => {
      this.#telling = false
      const hubs = this.list()
      for (const run of this.#onChange) run(hubs)
    })
  }
}

function known(meta: HubMeta, address: Address, trust: KnownHub['trust']): KnownHub {
  return { id: meta.hubId, name: meta.name, addresses: [formatAddress(address)], trust }
}

/**
 * Only a pinned hub has proven its id; any other merely says it. So whoever says the id of a hub that is known takes nothing
 * over: neither the place where its token is sent nor the pin.
 */
function withoutLoss(hub: KnownHub, before: KnownHub | undefined, address: Address): KnownHub {
  if (!before || hub.trust === 'pinned') return hub
  // the key still has to be shown there
  if (before.trust === 'pinned') {
    const there = formatAddress({ ...address, plain: false })
    return { ...before, addresses: [...before.addresses.slice(0, 1), there] }
  }
  const hosts = before.addresses.map((text) => parseAddress(text).host)
  if (before.trust === hub.trust && hosts.includes(address.host)) return hub
  throw new ShellError(
    'changed',
    'A hub of this identity is in your list under another address. If it has moved here, remove it from the list first.',
  )
}

function anotherHub(): ShellError {
  return new ShellError(
    'changed',
    'The hub at this address is not the one that was expected: its fingerprint is another. Nothing was sent to it.',
  )
}

function notThatTrust(): ShellError {
  return new ShellError(
    'not_a_hub',
    'The hub at this address proves its identity in another way than expected. Look at the address again.',
  )
}

function untimely(cause: unknown): ShellError {
  return new ShellError('not_a_hub', clockSentence, { cause })
}

function unreachable(cause: unknown): ShellError {
  return new ShellError('unreachable', 'The hub does not answer. Check that it is running, and try again.', {
    cause,
  })
}
