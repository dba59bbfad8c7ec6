// One hub of the rail: where it is, whether it is the one it was, who is logged in there. Each has its own agent, sockets
// and back-off, so that nothing that happens to one can be felt at another.
//
// - An attempt goes through the addresses, the one that worked last first. Only a hub that has proven its identity is
//   asked anything.
// - `#attempt` counts them: what an earlier one still brings is ignored.
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { HubInfo, HubState } from '../../shared/desktop.ts'
import { countsOf } from '../../shared/unread.ts'
import type { Clock, Log, Timer } from '../ports.ts'
import { parseAddress, type Address } from '../net/address.ts'
import { HubClient, type HubRequest } from '../net/hub-client.ts'
import { openHubSocket } from '../net/hub-socket.ts'
import { lookAtKey } from '../net/identity.ts'
import { askMeta } from '../net/meta.ts'
import { OwnSocket } from '../net/own-socket.ts'
import { problemOf, type Problem } from '../net/problems.ts'
import { ShellError } from '../shell-error.ts'
import type { KnownHub } from './registry.ts'

export interface ConnectionOptions {
  known: () => KnownHub
  clock: Clock
  random: () => number
  log: Log
  token: () => string | undefined
  /** Something that `info` tells is different. */
  changed: () => void
  reachedAt: (address: string, name: string) => void
  /** The hub says that the session of this token is over. */
  sessionEnded: (token: string) => void
  /** What the hub says on the shell's own connection. */
  heard: (message: FromHub) => void
  /** The chats of the person who is logged in, as the hub counts them now. */
  counted: (myId: string, chats: ChatSummary[]) => void
  /** The threads they follow. */
  countedThreads: (myId: string, threads: Thread[]) => void
}

const backOff = { first: 500, most: 30_000 }
/** A hub where nobody is logged in is only looked at to tell whether it is there. */
const looksAgain = 30_000

export class HubConnection {
  readonly #options: ConnectionOptions
  readonly #client: HubClient
  #own: OwnSocket | undefined
  #state: HubState = 'connecting'
  #presented: string | undefined
  #problem: string | undefined
  #unread = { unread: 0, mentions: 0 }
  #attempt = 0
  #failures = 0
  #retry: Timer
  #isClosed = false
  #myId = ''

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#client = new HubClient(options.known())
  }

  info(): Omit<HubInfo, 'isHosted'> {
    const { id, name, addresses, trust } = this.#options.known()
    return {
      id,
      name,
      addresses: [...addresses],
      trust,
      state: this.#state,
      problem: this.#problem,
      presented: this.#presented,
      ...this.#unread,
    }
  }

  start(): void {
    void this.#try()
  }

  /** The computer woke up, the network is another one, or somebody pressed "Try now". */
  wake(): void {
    if (this.#own?.isLive) return this.#own.probe()
    this.#failures = 0
    void this.#try()
  }

  /** There is a token now, or another one. */
  signedIn(): void {
    this.wakeAnew()
  }

  signedOut(): void {
    this.#own?.end()
    this.#own = undefined
    this.#unread = { unread: 0, mentions: 0 }
    if (this.#state === 'online') this.#set('signed-out')
    this.#again(looksAgain)
  }

  wakeAnew(): void {
    this.#own?.end()
    this.#own = undefined
    void this.#try()
  }

  close(): void {
    this.#isClosed = true
    this.#attempt += 1
    this.#options.clock.clearTimeout(this.#retry)
    this.#own?.end()
    this.#client.close()
  }

  /** A request of the page. @throws ShellError when nothing may be said to whoever is there, or nobody is */
  async request(asked: HubRequest): Promise<IncomingMessage> {
    this.#refuseStranger()
    try {
      return await this.#client.request(this.#address(), asked)
    } catch (error) {
      if (!this.#own?.isLive && this.#state !== 'offline') this.wakeAnew()
      throw error
    }
  }

  /** A live socket for the page. @throws ShellError */
  openSocket(): WebSocket {
    this.#refuseStranger()
    const token = this.#options.token()
    if (token === undefined) throw new ShellError('not_found', 'Nobody is logged in at this hub.')
    return openHubSocket(this.#address(), this.#options.known(), token)
  }

  #refuseStranger(): void {
    if (this.#state === 'changed' || this.#state === 'refused') {
      throw new ShellError('changed', this.#problem ?? 'This hub is not to be talked to.')
    }
  }

  #address(): Address {
    const [address = ''] = this.#options.known().addresses
    return parseAddress(address)
  }

  async #try(): Promise<void> {
    if (this.#isClosed) return
    const attempt = ++this.#attempt
    this.#options.clock.clearTimeout(this.#retry)
    const { id, addresses } = this.#options.known()
    let worst: { problem: Problem; address: Address } | undefined
    for (const [index, text] of addresses.entries()) {
      try {
        const meta = await askMeta(this.#client, parseAddress(text))
        if (attempt !== this.#attempt) return
        if (meta.hubId !== id) throw Object.assign(new Error('another hub'), { code: 'CERT_REJECTED' })
        this.#options.reachedAt(text, meta.name)
        return this.#reached()
      } catch (error) {
        if (attempt !== this.#attempt) return
        // where it was last it has an impostor; elsewhere somebody else simply lives at what was only heard of
        const found = problemOf(error)
        const problem = index > 0 && found !== 'clock' ? 'offline' : found
        if (!worst || worst.problem === 'offline') worst = { problem, address: parseAddress(text) }
      }
    }
    await this.#lost(attempt, worst)
  }

  #reached(): void {
    this.#presented = undefined
    this.#problem = undefined
    const token = this.#options.token()
    if (token === undefined) {
      this.#failures = 0
      this.#set('signed-out')
      return this.#again(looksAgain)
    }
    if (this.#state !== 'online') this.#set('connecting')
    this.#openOwn(token)
  }

  #openOwn(token: string): void {
    this.#own?.end()
    const { clock } = this.#options
    const own: OwnSocket = new OwnSocket({
      socket: openHubSocket(this.#address(), this.#options.known(), token),
      clock,
      state: (state) => {
        this.#failures = 0
        this.#count(state.me.id, state.chats)
        this.#set('online')
        this.#options.heard(state)
      },
      chats: (chats) => this.#count(this.#myId, chats),
      threads: (threads) => this.#options.countedThreads(this.#myId, threads),
      heard: (message) => this.#options.heard(message),
      closed: ({ sessionEnded, after, error }) => {
        if (own !== this.#own) return
        this.#own = undefined
        this.#options.log.info('own connection closed', { error })
        if (sessionEnded) return this.#options.sessionEnded(token)
        this.#set('offline')
        this.#again(Math.max(after, this.#nextBackOff()))
      },
    })
    this.#own = own
  }

  async #lost(attempt: number, worst: { problem: Problem; address: Address } | undefined): Promise<void> {
    if (worst?.problem === 'stranger') {
      const presented = await lookAtKey(worst.address).catch(() => undefined)
      if (attempt !== this.#attempt) return
      this.#presented = presented?.fingerprint
      this.#problem = sentences.changed
      this.#set('changed')
    } else if (worst?.problem === 'clock') {
      this.#problem = sentences.clock
      this.#set('refused')
    } else if (worst?.problem === 'not-tls') {
      this.#problem = sentences.notTls
      this.#set('refused')
    } else {
      this.#problem = undefined
      this.#set('offline')
    }
    this.#again(this.#nextBackOff())
  }

  /** At once, then doubling with full jitter. */
  #nextBackOff(): number {
    const most = Math.min(backOff.most, backOff.first * 2 ** Math.min(this.#failures, 10))
    this.#failures += 1
    return this.#options.random() * most
  }

  #again(after: number): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#retry)
    this.#retry = clock.setTimeout(() => void this.#try(), after)
  }

  #count(myId: string, chats: ChatSummary[]): void {
    this.#myId = myId
    this.#options.counted(myId, chats)
    let unread = 0
    let mentions = 0
    for (const chat of chats) {
      const counts = countsOf(chat)
      unread += counts.unread
      mentions += counts.mentions
    }
    this.#unread = { unread, mentions }
    this.#options.changed()
  }

  #set(state: HubState): void {
    this.#state = state
    this.#options.changed()
  }
}

export const clockSentence =
  'The hub’s certificate is not valid at this time. Check that date and time of both computers are right.'

const sentences = {
  changed:
    'Another hub answers at the address of this one, so nothing is sent there. If the hub was set up anew, ask its owner for a new invite.',
  clock: clockSentence,
  notTls: 'Something else answers at the address of this hub. It is tried again.',
}
