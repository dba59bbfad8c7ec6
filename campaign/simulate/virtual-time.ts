import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'
import { replace } from './replace.ts'

/*
 * Time that passes only when the history says so. While it is installed, the timers, clocks and turns of the loop of the
 * process are its own, so the hub and the pages run as they are. Everything that a timer causes is done before the next one
 * runs. Nothing depends on how long the machine takes: no time passes while real threads work.
 */

/** More turns than anything takes that is caused by one event: it goes on forever. */
const maxTurns = 20_000
/** A turn of the loop takes a moment: the hub shares time among its users. */
const turnMs = 0.05
const startMs = 1_800_000_000_000

interface VirtualTimer {
  at: number
  order: number
  everyMs: number | undefined
  delayMs: number
  run: () => void
}

/** What the hub uses of a timer of Node. */
class TimerHandle {
  readonly timer: VirtualTimer
  readonly #time: VirtualTime

  constructor(time: VirtualTime, timer: VirtualTimer) {
    this.#time = time
    this.timer = timer
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return false
  }

  refresh(): this {
    this.#time.restart(this.timer)
    return this
  }
}

interface Immediate {
  run: (() => void) | undefined
}

export class VirtualTime {
  /** Monotonic, in ms. */
  #now = 0
  #order = 0
  readonly #timers = new Set<VirtualTimer>()
  /** What runs in the next turn of the loop. */
  #immediates: Immediate[] = []
  /** Work of real threads. */
  #work: Promise<unknown> | undefined
  readonly #realImmediate = setImmediate
  #uninstall: (() => void) | undefined
  readonly errors: unknown[] = []

  get monotonic(): number {
    return this.#now
  }

  /** The wall clock, which nobody has set. */
  now = (): number => startMs + Math.floor(this.#now)

  set(run: () => void, delayMs = 0, everyMs?: number): TimerHandle {
    const timer = { at: 0, order: 0, delayMs: Math.max(0, delayMs), everyMs, run }
    this.restart(timer)
    return new TimerHandle(this, timer)
  }

  restart(timer: VirtualTimer): void {
    timer.at = this.#now + timer.delayMs
    timer.order = this.#order += 1
    this.#timers.add(timer)
  }

  clear(handle: unknown): void {
    if (handle instanceof TimerHandle) this.#timers.delete(handle.timer)
  }

  /** Runs what is due within this time, each timer with everything that it causes. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.settle()
    for (let next = this.#nextUntil(end); next; next = this.#nextUntil(end)) {
      this.#now = Math.max(this.#now, next.at)
      if (next.everyMs === undefined) this.#timers.delete(next)
      else this.restart(next)
      this.#run(next)
      await this.settle()
    }
    this.#now = Math.max(this.#now, end)
  }

  /** Lets what was begun go on for some turns of the loop. */
  async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) await this.#turn()
  }

  /** Lets what was begun go on until it waits for time to pass. */
  async settle(): Promise<void> {
    let turns = 0
    do {
      await this.#turn()
      turns += 1
      if (turns > maxTurns) throw new Error('the loop does not come to rest')
    } while (this.#immediates.length > 0 || this.#work)
  }

  /** Lets time pass until this is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = (): void => void (isSettled = true)
    work.then(settle, settle)
    await this.settle()
    while (!isSettled) await this.advance(1)
    return work
  }

  /** Runs work of real threads. It ends within the turn that it began in, and in the order in which it began. */
  hold<T>(begin: () => Promise<T>): Promise<T> {
    const work = (this.#work ?? Promise.resolve()).then(begin)
    const ended = work.then(
      () => undefined,
      () => undefined,
    )
    this.#work = ended
    return work
  }

  /** Runs what waits for this turn, each with the promises that it settles. */
  async #turn(): Promise<void> {
    this.#now += turnMs
    while (this.#work) {
      const work = this.#work
      await work
      if (this.#work === work) this.#work = undefined
    }
    const due = this.#immediates
    this.#immediates = []
    for (const one of due) this.#realImmediate(() => this.#run(one))
    await new Promise<void>((resolve) => void this.#realImmediate(resolve))
  }

  #run(event: { run: (() => void) | undefined }): void {
    try {
      event.run?.()
    } catch (error) {
      this.errors.push(error)
    }
  }

  #nextUntil(end: number): VirtualTimer | undefined {
    let first: VirtualTimer | undefined
    for (const timer of this.#timers) {
      if (timer.at > end) continue
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer
    }
    return first
  }

  /** From here on this is the time of the process. */
  install(): void {
    const set = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
      this.set(() => run(...args), ms)
    const setEvery = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      this.set(() => run(...args), Math.max(1, ms), Math.max(1, ms))
    const clear = (handle: unknown) => this.clear(handle)
    const undo = [
      replace(globalThis, {
        ...{ setTimeout: set, setInterval: setEvery, clearTimeout: clear, clearInterval: clear },
        setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) => {
          const immediate: Immediate = { run: () => run(...args) }
          this.#immediates.push(immediate)
          return immediate
        },
        clearImmediate: (immediate?: Immediate) => {
          if (immediate) immediate.run = undefined
        },
      }),
      replace(Date, { now: this.now }),
      replace(performance, {
        now: () => this.#now,
        eventLoopUtilization: () => ({ idle: 0, active: this.#now, utilization: 1 }),
      }),
      replace(timersPromises, {
        setTimeout: <T>(ms?: number, value?: T) =>
          new Promise((resolve) => this.set(() => resolve(value), ms)),
      }),
    ]
    syncBuiltinESMExports()
    this.#uninstall = () => {
      for (const restore of undo) restore()
      syncBuiltinESMExports()
    }
  }

  uninstall(): void {
    this.#uninstall?.()
    this.#uninstall = undefined
    this.#timers.clear()
    this.#immediates = []
  }
}
