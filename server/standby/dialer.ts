import type { FastifyBaseLogger } from 'fastify'
import { addressesOfOthers, type Dialed, dialFirst } from './dial.ts'
import { readHubFile } from './hub-file.ts'

export interface DialerOptions {
  dataDir: string
  log: FastifyBaseLogger
  ownNode: string
  /** No connection is wanted now: there is one, or this computer ends or is the hub. */
  isOver: () => boolean
  /** Until the next attempt, in ms. */
  redialMs: () => number
  /** No other computer of the hub is known. */
  onNobody: () => void
  onDialed: (dialed: Dialed) => void
}

/** Connects a standby to the first computer of its hub that can be reached, the hub first, until one is. */
export class Dialer {
  readonly #options: DialerOptions
  #isDialing = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: DialerOptions) {
    this.#options = options
  }

  dialSoon(delayMs = this.#options.redialMs()): void {
    clearTimeout(this.#timer)
    if (!this.#options.isOver()) this.#timer = setTimeout(() => void this.#dial(), delayMs)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  async #dial(): Promise<void> {
    const { dataDir, log, ownNode, isOver, onNobody, onDialed } = this.#options
    if (this.#isDialing || isOver()) return
    this.#isDialing = true
    const known = readHubFile(dataDir)
    const addresses = addressesOfOthers(known?.places ?? [], ownNode)
    if (addresses.length === 0) onNobody()
    const dialed = await dialFirst(addresses, { hubId: known?.hubId ?? '', log, isOver })
    this.#isDialing = false
    if (dialed) onDialed(dialed)
    else this.dialSoon()
  }
}
