import type { Position } from '../../server/continuity/position.ts'
import type { DataNode, Effect, Fit, NodeEvent, TimerName } from '../../server/continuity/rule-types.ts'
import { startNode } from '../../server/continuity/rules.ts'
import { compareTerms, type Term } from '../../shared/term.ts'
import type { Disk, Entry } from './disk.ts'
import type { World } from './world.ts'

/** An operation that the writer has run and not committed. */
interface Batch {
  entry: Entry
  isWaitingForDrop: boolean
}

/** A computer that holds the data: drives the real rules, with a simulated disk and network. */
export class Computer {
  readonly name: string
  readonly disk: Disk
  readonly #world: World
  isUp = true
  node: DataNode
  batch: Batch | undefined
  isServing: boolean
  isCopying = false
  readonly timers = new Set<TimerName>()
  /** The frame of the event that is being handled. */
  #arriving: Entry | undefined
  /** What happens at once after the event that is being handled. */
  #next: NodeEvent[] = []

  constructor(world: World, name: string, disk: Disk) {
    this.#world = world
    this.name = name
    this.disk = disk
    this.node = this.#read()
    this.isServing = disk.state.role === 'hub'
    if (this.isServing) this.timers.add('lookOver')
  }

  #read(): DataNode {
    const { disk } = this
    const { initialTie } = this.#world.setting
    return startNode(disk.state, {
      applied: disk.end,
      journal: disk.journalEnd,
      tie: disk.tie ?? initialTie,
    })
  }

  get isHub(): boolean {
    return this.isUp && this.isServing && this.disk.state.role === 'hub'
  }

  crash(): void {
    this.#world.trace(`${this.name} crashes`)
    this.isUp = false
    this.#world.sessions.delete(this.name)
    this.batch = undefined
    this.isServing = false
    this.isCopying = false
    this.timers.clear()
    this.#next = []
    this.disk.crash(this.#world.random)
  }

  start(): void {
    this.isUp = true
    this.node = this.#read()
    const { role, mustCopy } = this.disk.state
    this.#world.trace(`${this.name} starts as ${role}${mustCopy ? ' without its data' : ''}`)
    this.isServing = role === 'hub'
    if (role === 'hub') this.timers.add('lookOver')
    if (role === 'sealed') this.timers.add('sealAgain')
    if (role === 'standby') this.timers.add('hubSilent')
  }

  /** The writer runs an operation, unless one waits. */
  write(id: number, tie: string | undefined): void {
    if (!this.isHub || this.batch) return
    if (this.disk.log.some((entry) => entry.id === id)) return
    const { lsn, chain: prev } = this.disk.end
    const { n, node } = this.disk.state.term
    const entry = {
      lsn: lsn + 1,
      chain: this.#world.chainOf(prev, id),
      prev,
      id,
      tie,
      writtenIn: `${n}${node}`,
    }
    this.batch = { entry, isWaitingForDrop: false }
    this.handle({ on: 'ship', position: entry, tie })
  }

  handle(event: NodeEvent, arriving?: Entry): void {
    if (!this.isUp) return
    this.#arriving = arriving
    const { random, setting } = this.#world
    const { node, effects } = this.#world.decide(this, event)
    this.node = node
    const crashAfter = this.#world.happens(setting.crashWithinEvent)
      ? random.below(effects.length + 1)
      : undefined
    for (const [at, effect] of effects.entries()) {
      if (at === crashAfter) return this.crash()
      this.#run(effect)
      if (!this.isUp) return
    }
    if (crashAfter === effects.length) this.crash()
    const next = this.#next.shift()
    if (next) this.handle(next)
  }

  #run(effect: Effect): void {
    const { disk } = this
    const world = this.#world
    switch (effect.do) {
      case 'persist':
        return disk.persist(effect.state)
      case 'send':
        return world.send(this, effect.message)
      case 'ask':
        return world.ask(this, effect.message)
      case 'feed':
        return this.#feed(effect.session, effect.after)
      case 'sendFrame':
        return world.sendFrame(this, effect.session, this.batch?.entry)
      case 'grant':
        return this.#commit(effect.position, effect.isHeld)
      case 'refuse':
        return this.#rollBack(effect.position)
      case 'dropDone':
        if (this.batch?.isWaitingForDrop) this.batch = undefined
        return
      case 'safe':
        return world.release(this, effect.lsn)
      case 'append': {
        if (!this.#arriving) throw new Error('append without a frame')
        disk.append(this.#arriving)
        return world.after(this, { on: 'journalled', session: effect.session, position: effect.position })
      }
      case 'cut':
        return disk.cut(effect.to)
      case 'apply':
        return disk.apply(effect.upTo)
      case 'applyAll':
        return disk.apply(disk.journalEnd)
      case 'reconnect':
        return disk.state.role === 'standby' ? world.disconnect(this) : world.hangUp(this)
      case 'copy':
        if (effect.keepsOld && !world.mutant?.isOverwriting) {
          disk.moveAside()
          this.#next.push({ on: 'movedAside' })
        } else disk.empty()
        this.isCopying = true
        return
      case 'serve':
        if (disk.end.chain !== this.node.hub?.committed.chain)
          throw new Error('it serves more than it knows of')
        this.isServing = true
        this.batch = undefined
        return world.promoted(this, effect.why)
      case 'stopServing':
        this.isServing = false
        this.batch = undefined
        return
      case 'timer':
        this.timers.add(effect.name)
        return
      case 'handoverRefused':
    }
  }

  #feed(session: string, after: Position): void {
    for (const entry of this.disk.log.slice(after.lsn)) this.#world.sendFrame(this, session, entry)
    const { batch } = this
    if (batch && !batch.isWaitingForDrop && batch.entry.lsn > after.lsn)
      this.#world.sendFrame(this, session, batch.entry)
  }

  #commit(position: Position, isHeld: boolean): void {
    const { batch } = this
    if (!batch || batch.entry.chain !== position.chain) throw new Error('granted what does not wait')
    const { setting, fullDisk } = this.#world
    // the disk is full
    if (this.#world.happens(fullDisk)) return this.#rollBack(position)
    this.#world.checkWriter(this)
    this.disk.log.push(batch.entry)
    this.batch = undefined
    // between COMMIT and the answer
    if (this.#world.happens(setting.crashWithinEvent)) return this.crash()
    this.#world.acknowledge(this, batch.entry, isHeld)
    this.#next.push({ on: 'committed', position: batch.entry })
  }

  #rollBack(position: Position): void {
    if (this.batch) this.batch.isWaitingForDrop = true
    this.#next.push({ on: 'rolledBack', position })
  }

  finishCopy(from: readonly Entry[]): void {
    this.isCopying = false
    this.disk.log = [...from]
    this.disk.journal = []
    this.handle({ on: 'copied', position: this.disk.end })
  }

  /** Where a standby says that it is. */
  hello(): Hello {
    const { disk } = this
    const mustCopy = disk.state.mustCopy === true
    return {
      ...{ term: disk.state.term, applied: disk.end, journal: disk.journalEnd, mustCopy },
      chain: disk.log,
    }
  }

  /** How a standby fits to this hub. */
  fitOf({ applied, journal, term, chain }: Hello): Fit {
    const { disk, batch } = this
    const pending = batch && !batch.isWaitingForDrop ? batch.entry : undefined
    const isHere = (position: Position): boolean =>
      (position.lsn <= disk.end.lsn && disk.has(position)) || pending?.chain === position.chain
    if (isHere(journal)) return 'end'
    if (isHere(applied)) return 'applied'
    const isBehind =
      applied.lsn > disk.end.lsn && chain[applied.lsn - 1]?.writtenIn === `${term.n}${term.node}`
    const isPrefix = disk.end.lsn === 0 || chain[disk.end.lsn - 1]?.chain === disk.end.chain
    if (isBehind && isPrefix && compareTerms(term, disk.state.term) === 0) return 'ahead'
    return applied.lsn > 0 && applied.lsn <= disk.end.lsn ? 'parted' : 'none'
  }
}

export interface Hello {
  term: Term
  applied: Position
  journal: Position
  mustCopy: boolean
  /** What it has applied: it only grows. */
  chain: readonly Entry[]
}
