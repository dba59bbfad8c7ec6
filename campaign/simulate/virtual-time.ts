import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'

/*
 * Time that passes only when the history says so. While it is installed, the timers and clocks of the process are its own, so
 * the hub and the pages run as they are. What a timer starts is done before the next one runs.
 */

/** What one event causes is done after so many turns of the loop. */
const turnsPerEvent = 8
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

export class VirtualTime {
  /** Monotonic, in ms. */
  #now = 0
  #order = 0
  readonly #timers = new Set<VirtualTimer>()
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
    await this.turns()
    for (let next = this.#nextUntil(end); next; next = this.#nextUntil(end)) {
      this.#now = Math.max(this.#now, next.at)
      if (next.everyMs === undefined) this.#timers.delete(next)
      else this.restart(next)
      this.#run(next)
      await this.turns()
    }
    this.#now = Math.max(this.#now, end)
  }

  /** Lets what was begun go on for some turns of the loop. */
  async turns(count = turnsPerEvent): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) {
      this.#now += turnMs
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Lets time pass until this is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = (): void => void (isSettled = true)
    work.then(settle, settle)
    while (!isSettled) await this.advance(1)
    return work
  }

  #run(timer: VirtualTimer): void {
    try {
      timer.run()
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
    const real = {
      ...{ setTimeout, clearTimeout, setInterval, clearInterval },
      ...{
        dateNow: Date.now,
        performanceNow: performance.now.bind(performance),
        sleep: timersPromises.setTimeout,
      },
    }
    const set = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
      this.set(() => run(...args), ms)
    const setEvery = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      this.set(() => run(...args), Math.max(1, ms), Math.max(1, ms))
    const clear = (handle: unknown) => this.clear(handle)
    Object.assign(globalThis, {
      setTimeout: set,
      setInterval: setEvery,
      clearTimeout: clear,
      clearInterval: clear,
    })
    Date.now = this.now
    performance.now = () => this.#now
    Object.assign(timersPromises, {
      setTimeout: <T>(ms?: number, value?: T) => new Promise((resolve) => this.set(() => resolve(value), ms)),
    })
    syncBuiltinESMExports()
    this.#uninstall = () => {
      Object.assign(globalThis, {
        ...{ setTimeout: real.setTimeout, clearTimeout: real.clearTimeout },
        ...{ setInterval: real.setInterval, clearInterval: real.clearInterval },
      })
      Date.now = real.dateNow
      performance.now = real.performanceNow
      Object.assign(timersPromises, { setTimeout: real.sleep })
      syncBuiltinESMExports()
    }
  }

  uninstall(): void {
    this.#uninstall?.()
    this.#uninstall = undefined
    this.#timers.clear()
  }
}
