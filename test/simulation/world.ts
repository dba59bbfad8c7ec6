import type { Effect, Message, NodeEvent, Tools, VoterMessage } from '../../server/continuity/rule-types.ts'
import { decide } from '../../server/continuity/rules.ts'
import type { StateRecord } from '../../server/continuity/state-file.ts'
import type { Voter, VoterAnswer, VoterDecision, VoterEvent } from '../../server/continuity/voter-rules.ts'
import { compareTerms, type Term } from '../../shared/term.ts'
import { Clients } from './clients.ts'
import { Computer, type Hello } from './computer.ts'
import { Disk, type Entry } from './disk.ts'
import type { Mutant } from './mutants.ts'
import { Random } from './random.ts'
import { ThirdComputer } from './third-computer.ts'

export interface Setting {
  readonly name: string
  readonly initialTie: string
  /** The owner takes over by force. */
  readonly isForced: boolean
  readonly crashWithinEvent: number
}

/** What travels. `deliver` hands it to the computer that it is for. */
interface Letter {
  readonly from: string
  readonly to: string
  readonly text: string
  readonly deliver: () => void
}

const firstTerm: Term = { n: 1, node: 'a', epoch: 'e0', lsn: 0, chain: 'start', prev: null, at: 0, sig: '' }

function firstState(node: string): StateRecord {
  const role = node === 'a' ? 'hub' : 'standby'
  return { v: 1, node, role, term: firstTerm, alone: role === 'hub', markV: 0, out: false }
}

/** Two computers with data, a third one that votes, their network, and everything that can happen to them. */
export class World {
  readonly random: Random
  readonly setting: Setting
  readonly clients = new Clients()
  readonly a: Computer
  readonly b: Computer
  readonly third: ThirdComputer | undefined
  readonly history: string[] = []
  readonly isTracing: boolean
  readonly #mutant: Mutant | undefined
  /** Some networks are good, some are bad. As often, a letter arrives twice. */
  readonly #lossOfLetters: number
  readonly #chains = new Map<string, string>()
  #letters: Letter[] = []
  /** The session that each computer has opened as a standby, and those that the third computer has opened. */
  readonly sessions = new Map<string, string>()
  /** How often a COMMIT fails. */
  readonly fullDisk: number
  #lastId = 0
  operations = 0
  isHealed = false
  counts = { acknowledged: 0, promotions: 0, forced: 0 }

  constructor(
    setting: Setting,
    seed: number,
    { mutant, isTracing = false }: { mutant?: Mutant | undefined; isTracing?: boolean } = {},
  ) {
    this.random = new Random(seed)
    this.setting = setting
    this.isTracing = isTracing
    this.#mutant = mutant
    this.#lossOfLetters = [0, 0.02, 0.08][this.random.below(3)] ?? 0
    this.fullDisk = [0, 0.02, 0.2][this.random.below(3)] ?? 0
    this.a = new Computer(this, 'a', new Disk(firstState('a')))
    this.b = new Computer(this, 'b', new Disk(firstState('b')))
    this.third = setting.initialTie === 'v' ? new ThirdComputer(this) : undefined
  }

  get mutant(): Mutant | undefined {
    return this.#mutant
  }

  trace(text: string): void {
    if (this.isTracing) this.history.push(text)
  }

  readonly #tools: Tools = {
    newTerm: (previous, { lsn, chain }, epoch) => ({
      ...{ n: previous.n + 1, node: this.#deciding, epoch, lsn, chain },
      ...{ prev: [previous.n, previous.node], at: 0, sig: '' },
    }),
    newId: () => this.newId(),
  }
  #deciding = ''

  /** Misfortunes end when the network heals. */
  happens(probability: number): boolean {
    return !this.isHealed && this.random.chance(probability)
  }

  newId(): string {
    this.#lastId += 1
    return `i${this.#lastId}`
  }

  chainOf(prev: string, id: number): string {
    const key = `${prev} ${id}`
    const known = this.#chains.get(key) ?? `c${this.#chains.size}`
    this.#chains.set(key, known)
    return known
  }

  other(computer: Computer): Computer {
    return computer === this.a ? this.b : this.a
  }

  /** The real rules, or a mutant of them. */
  decide(computer: Computer, event: NodeEvent): { node: Computer['node']; effects: readonly Effect[] } {
    this.#deciding = computer.name
    const decision = (this.#mutant?.decide ?? decide)(computer.node, event, this.#tools)
    if (this.isTracing)
      this.trace(`${computer.name} ${describe(event)} -> ${decision.effects.map(describe).join(' · ')}`)
    return decision
  }

  decideThird(
    voter: Voter,
    event: VoterEvent,
    real: (voter: Voter, event: VoterEvent) => VoterDecision,
  ): VoterDecision {
    const decision = (this.#mutant?.decideThird ?? real)(voter, event)
    if (this.isTracing) this.trace(`v ${describe(event)} -> ${decision.effects.map(describe).join(' · ')}`)
    return decision
  }

  #post(from: string, to: string, what: object, deliver: () => void): void {
    const text = this.isTracing ? describe(what) : ''
    const letter = { from, to, text, deliver }
    if (!this.isHealed) {
      if (this.random.chance(this.#lossOfLetters)) return
      if (this.random.chance(this.#lossOfLetters)) this.#letters.push(letter)
    }
    this.#letters.push(letter)
  }

  get hasLetters(): boolean {
    return this.#letters.length > 0
  }

  /** Delivers a letter: mostly the oldest, sometimes any. */
  deliverOne(): void {
    const isOrdered = this.isHealed || this.random.chance(0.7)
    const at = isOrdered ? 0 : this.random.below(this.#letters.length)
    const [letter] = this.#letters.splice(at, 1)
    if (!letter) return
    if (this.isTracing) this.trace(`(${letter.from} to ${letter.to}) ${letter.text}`)
    letter.deliver()
  }

  loseLetters(): void {
    this.#letters = this.#letters.filter(() => this.random.chance(0.5))
  }

  /** A standby dials the other computer. */
  connect(computer: Computer): void {
    const session = this.newId()
    this.sessions.set(computer.name, session)
    // only what is synced counts
    computer.disk.unsynced = 0
    const hello = computer.hello()
    const to = this.other(computer)
    this.#post(computer.name, to.name, { m: 'hello', session }, () =>
      this.#greet(computer, to, session, hello),
    )
  }

  #greet(from: Computer, to: Computer, session: string, hello: Hello): void {
    if (!to.isUp) return
    to.handle({ on: 'higher', term: hello.term })
    if (!to.isUp) return
    if (to.disk.state.role === 'standby') {
      const { term } = to.disk.state
      this.#post(to.name, from.name, { m: 'higher', term }, () => from.handle({ on: 'higher', term }))
      return
    }
    const { applied, journal, mustCopy, term } = hello
    to.handle({
      on: 'hello',
      isComplete: true,
      session,
      node: from.name,
      term,
      fit: to.fitOf(hello),
      applied,
      journal,
      mustCopy,
    })
  }

  /** The connection of a standby ends. Each side notices on its own. */
  disconnect(computer: Computer): void {
    const session = this.sessions.get(computer.name)
    this.sessions.delete(computer.name)
    if (session === undefined) return
    const to = this.other(computer)
    this.#post(computer.name, to.name, { m: 'gone', session }, () => to.handle({ on: 'peerGone', session }))
    this.after(computer, { on: 'hubGone', session })
  }

  /** A hub ends the connection of its standby. */
  hangUp(hub: Computer): void {
    const standby = this.other(hub)
    const session = this.sessions.get(standby.name)
    if (session === undefined) return
    this.sessions.delete(standby.name)
    this.after(standby, { on: 'hubGone', session })
  }

  /** Something that happens to a computer a little later. */
  after(computer: Computer, event: NodeEvent): void {
    this.#post(computer.name, computer.name, event, () => computer.handle(event))
  }

  send(from: Computer, message: Message): void {
    const to = this.other(from)
    this.#post(from.name, to.name, message, () => this.#receive(to, message))
  }

  sendFrame(from: Computer, session: string, entry: Entry | undefined): void {
    if (!entry) return
    const to = this.other(from)
    this.#post(from.name, to.name, { m: 'frame', session, lsn: entry.lsn, id: entry.id }, () => {
      const end = to.disk.journalEnd
      const follows = end.lsn + 1 === entry.lsn && end.chain === entry.prev
      to.handle({ on: 'frame', session, position: entry, follows, tie: entry.tie }, entry)
    })
  }

  #receive(to: Computer, message: Message): void {
    switch (message.m) {
      case 'welcome': {
        const { session, term, tie, nextTie, cut, mustCopy, isParted, committed } = message
        const { applied, journal } = to.hello()
        if (this.sessions.get(to.name) === session)
          to.handle({
            ...{ on: 'welcome', session, term, tie, nextTie, cut, mustCopy, isParted, committed },
            ...{ applied, journal },
          })
        return
      }
      case 'beat': {
        const { session, committed } = message
        const { journal, log } = to.disk
        const found =
          committed.lsn <= log.length ? log[committed.lsn - 1] : journal[committed.lsn - log.length - 1]
        return to.handle({ on: 'beat', session, committed, fits: found?.chain === committed.chain })
      }
      case 'seal': {
        const { term, to: node, position } = message
        const { disk } = to
        const fits =
          position.chain === disk.end.chain || disk.journal.some(({ chain }) => chain === position.chain)
        return to.handle({ on: 'seal', term, to: node, position, fits })
      }
      case 'took':
      case 'higher':
        return to.handle({ on: 'higher', term: message.term })
      case 'inStep':
        return to.handle({ on: 'inStep', session: message.session, lsn: message.lsn })
      case 'leave':
        return to.handle({ on: 'leave', session: message.session })
      default:
        return to.handle({ on: message.m, session: message.session, position: message.position })
    }
  }

  /** The third computer dials a computer with data. */
  connectThird(computer: Computer): void {
    const { third } = this
    if (!third?.isUp || !computer.isUp) return
    const session = this.newId()
    third.handle({ on: 'session', node: computer.name, session })
    computer.handle({ on: 'voterHere', session })
  }

  ask(from: Computer, message: VoterMessage): void {
    const node = from.name
    this.#post(node, 'v', message, () => {
      const { m: on, ...rest } = message
      this.third?.handle({ on, node, ...rest } as VoterEvent)
    })
  }

  answer(to: string, answer: VoterAnswer): void {
    const computer = to === 'a' ? this.a : this.b
    this.#post('v', to, answer, () => {
      if (answer.higher) computer.handle({ on: 'higher', term: answer.higher })
      if (answer.m === 'higher') return
      const { session, isGranted } = answer
      if (answer.m === 'marked') computer.handle({ on: 'marked', session, v: answer.v, isGranted })
      else computer.handle({ on: 'vote', session, nonce: answer.nonce, isGranted })
    })
  }

  /** A client, or the other computer, shows the highest term that it knows. */
  tellTerm(to: Computer, term: Term): void {
    this.#post('client', to.name, { m: 'term', n: term.n, node: term.node }, () =>
      to.handle({ on: 'higher', term }),
    )
  }

  promoted({ name }: Computer, why: string): void {
    this.counts.promotions += 1
    if (why === 'owner') this.counts.forced += 1
    this.trace(`${name} serves (${why})`)
  }

  checkWriter(computer: Computer): void {
    const { role, term } = computer.disk.state
    if (role !== 'hub' || term.node !== computer.name)
      throw new Error(`${computer.name} writes as ${role} in the term of ${term.node}`)
  }

  acknowledge(computer: Computer, entry: Entry, isHeld: boolean): void {
    this.counts.acknowledged += 1
    this.trace(`${computer.name} acknowledges ${entry.id} at ${entry.lsn}${isHeld ? ', held' : ''}`)
    this.clients.acknowledged(computer.disk.state.term, entry, isHeld)
  }

  release(computer: Computer, lsn: number): void {
    this.clients.release(computer.disk.state.term.epoch, lsn)
  }

  get hub(): Computer | undefined {
    const [first, second] = [this.a, this.b].filter((computer) => computer.isHub)
    if (!first || !second) return first
    return compareTerms(first.disk.state.term, second.disk.state.term) > 0 ? first : second
  }
}

function describe(what: object): string {
  return JSON.stringify(what, (key, value: unknown) => {
    if (key === 'term' || key === 'higher') {
      const { n, node } = value as Term
      return `${n}${node}`
    }
    if (key === 'state') {
      const { role, term, alone, mustCopy, out } = value as StateRecord
      return `${role} ${term.n}${term.node}${alone ? ' alone' : ''}${mustCopy ? ' mustCopy' : ''}${out ? ' out' : ''}`
    }
    return value
  })
    .replaceAll('"', '')
    .replace(/^\{(on|do|m):/, '{')
}
