import type { FastifyBaseLogger } from 'fastify'
import { readState } from './continuity/state-file.ts'
import { isVoteFolder } from './continuity/voter-file.ts'
import { lockDataDir } from './db/data-dir-lock.ts'
import { supersededHub } from './db/terms.ts'
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { HubError } from '../shared/errors.ts'
import { keyFile, loadIdentity } from './identity.ts'
import { isLoopback } from './addresses.ts'
import { Endpoint } from './net/endpoint.ts'
import { continuityOf } from './standby/continuity-of.ts'
import { continueByCommand, decidingVote, handOverByCommand, recordTakeOver } from './standby/by-command.ts'
import { approveComputer, createCode, readStatus } from './standby/handlers.ts'
import { type ControlRequest, serveControl } from './standby/control.ts'
import { readHubFile, writeHubFile } from './standby/hub-file.ts'
import type { ConditionOptions } from './standby/own-computer.ts'
import { openStandbyPort } from './standby/standby-port.ts'
import { Standby } from './standby/standby-runtime.ts'
import { ThirdComputer } from './standby/third-computer.ts'
import { StartError } from './start-error.ts'
import { type RunningHub, startHub, type StartOptions } from './start.ts'

/*
 * One computer of a hub, in whatever role it is: it serves as the hub, or follows it, and changes from one to the other
 * without ending the process. `continuity/state.json` says which, also after a restart. A third computer stays one.
 */

export interface ComputerOptions extends StartOptions, Pick<ConditionOptions, 'power'> {
  /** The role has changed, or the first one has begun. */
  onRole?: (role: 'hub' | 'standby' | 'vote', computer: Computer) => void
}

/** The handover at the end of the process gets no longer than this. */
const lastHandoverMs = 3_000

export class Computer {
  readonly #options: ComputerOptions
  readonly #log: FastifyBaseLogger
  /** What this computer is going to be, one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #hub: RunningHub | undefined
  #standby: { runtime: Standby; close: () => Promise<void> } | undefined
  #third: { runtime: ThirdComputer; close: () => void } | undefined
  #port: number
  #isClosed = false
  #control: { close: () => void } | undefined

  constructor(options: ComputerOptions) {
    this.#options = options
    this.#log = options.log
    this.#port = options.port
  }

  /** @throws StartError */
  async start(): Promise<void> {
    const { dataDir, database } = this.#options
    if (isVoteFolder(dataDir)) this.#beThird()
    else if (!isStandby(dataDir)) await this.#beHub()
    else if (database === undefined) await this.#beStandby()
    else throw standbyOfFile(dataDir)
    this.#control = await serveControl(dataDir, (request) => this.#obey(request)).catch((error: unknown) => {
      // a file system without sockets: the hub works, only its commands do not
      this.#log.warn({ err: error }, 'the commands for a running hub are not available')
      return undefined
    })
  }

  /** The running hub; undefined while another computer is the hub. */
  get hub(): RunningHub | undefined {
    return this.#hub
  }

  get standby(): Standby | undefined {
    return this.#standby?.runtime
  }

  get third(): ThirdComputer | undefined {
    return this.#third?.runtime
  }

  get port(): number {
    return this.#port
  }

  /**
   * Ends in order: a standby that is in step gets the hub first.
   * @param isSpread see RunningHub
   * @param isRestart the hub starts again at once, and stays on this computer
   */
  async close({ isSpread = false, isRestart = false } = {}): Promise<void> {
    if (this.#isClosed) return
    const continuity = this.#hub && continuityOf(this.#hub.hub)
    if (continuity?.nextHub !== undefined && !isRestart) {
      const handed = continuity.handOver().catch((error: unknown) => {
        this.#log.warn({ err: error }, 'the hub was not handed over')
      })
      await Promise.race([handed, new Promise((resolve) => setTimeout(resolve, lastHandoverMs))])
    }
    this.#isClosed = true
    this.#control?.close()
    await this.#turn
    await this.#hub?.close({ isSpread })
    await this.#standby?.close()
    this.#third?.close()
  }

  #then(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(async () => {
      if (this.#isClosed) return
      try {
        await work()
      } catch (error) {
        ;(this.#options.onFatal ?? ((reason) => this.#log.fatal({ err: reason }, 'the computer must stop')))(
          error,
        )
      }
    })
  }

  async #beHub(): Promise<void> {
    const hub = await startHub({
      ...this.#options,
      port: this.#port,
      onSteppedDown: () => this.#then(() => this.#stepDown()),
    })
    this.#hub = hub
    this.#port = hub.reachable().port
    // it learned of a higher term while it started
    if (hub.hub.standing.moved()?.code === 'moved') this.#then(() => this.#stepDown())
    else this.#options.onRole?.('hub', this)
  }

  /** Opens no port: it connects to the two others. */
  #beThird(): void {
    const { dataDir, log, power } = this.#options
    const lock = lockDataDir(dataDir)
    const runtime = new ThirdComputer({ dataDir, log, power })
    const close = (): void => {
      runtime.close()
      lock.release()
    }
    this.#third = { runtime, close }
    runtime.start()
    this.#options.onRole?.('vote', this)
  }

  async #stepDown(): Promise<void> {
    const hub = this.#hub
    if (!hub) return
    const { dataDir, database } = this.#options
    const moved = hub.hub.standing.moved()
    if (database === undefined) {
      const known = readHubFile(dataDir)
      const places = moved?.places ?? []
      writeHubFile(dataDir, { hubId: hub.hub.hubId, name: known?.name ?? hostname(), places })
    }
    await hub.close()
    this.#hub = undefined
    if (database !== undefined) throw supersededHub(moved?.term)
    await this.#beStandby()
  }

  async #beStandby(): Promise<void> {
    const { dataDir, log, power } = this.#options
    const lock = lockDataDir(dataDir)
    let opened: { port: number; close: () => Promise<void> } | undefined
    let opening: Promise<void> = Promise.resolve()
    const openOnce = (): void => {
      opening = opening.then(async () => {
        if (!opened) opened = await this.#openPort(runtime).catch((error: unknown) => this.#reportPort(error))
      })
    }
    const runtime: Standby = new Standby({
      ...{ dataDir, log, power, room: this.#options.room, addresses: () => this.#addresses() },
      onKey: openOnce,
      onServe: () =>
        this.#then(async () => {
          await close()
          this.#standby = undefined
          await this.#beHub()
        }),
    })
    const close = async (): Promise<void> => {
      await opening
      await opened?.close()
      await runtime.close()
      lock.release()
    }
    this.#standby = { runtime, close }
    if (existsSync(keyFile(dataDir))) openOnce()
    await opening
    runtime.start()
    this.#options.onRole?.('standby', this)
  }

  #reportPort(error: unknown): undefined {
    this.#log.error({ err: error }, 'the standby follows, but others cannot reach it here')
    return undefined
  }

  async #openPort(runtime: Standby): Promise<{ port: number; close: () => Promise<void> }> {
    const { dataDir, log } = this.#options
    const identity = loadIdentity(dataDir)
    const endpoint = new Endpoint(identity, this.#options, { clock: Date.now, log })
    const opened = await openStandbyPort({
      ...{ identity, endpoint },
      hosts: endpoint.allowedHosts.hosts,
      port: this.#port,
      ...{ log, pagesDir: this.#options.pagesDir },
      places: () => runtime.places,
      term: () => runtime.term,
      applied: () => runtime.applied,
      onStream: (socket) => runtime.acceptThird(socket),
    })
    this.#port = opened.port
    this.#endpoint = endpoint
    return opened
  }
  #endpoint: Endpoint | undefined

  #addresses(): string[] {
    const { host, lan } = this.#options
    const reachable = this.#endpoint?.reachable.addresses ?? []
    if (reachable.length > 0) return [...reachable]
    return lan === undefined && isLoopback(host) ? [`${host}:${this.#port}`] : []
  }

  // ---- the command line

  #obey({ command, isForced = false, kind = 'standby', node = '', to }: ControlRequest): Promise<unknown> {
    switch (command) {
      case 'status':
        return this.status()
      case 'handover':
        return handOverByCommand(this.#requireHub().hub)
      case 'promote':
        return this.promote(isForced)
      case 'deciding-vote':
        return decidingVote(this.#requireHub().hub, to)
      case 'grant':
        return createCode(this.#requireHub().hub, kind)
      case 'requests':
        return Promise.resolve(continuityOf(this.#requireHub().hub).pairing.list())
      case 'approve':
        return approveComputer(this.#requireHub().hub, node)
    }
  }

  #requireHub(): RunningHub {
    if (this.#hub) return this.#hub
    const role = this.#third ? 'the third computer' : 'a standby'
    throw new StartError(`This computer is ${role}. Use the command on the computer that is the hub.`)
  }

  async status(): Promise<object> {
    if (this.#hub) return { role: 'hub', ...(await readStatus(this.#hub.hub)) }
    if (this.#third) return this.#third.runtime.status
    return { ...this.#standby?.runtime.status, places: this.#standby?.runtime.places ?? [] }
  }

  /** The owner of this computer takes over. @throws HubError if the hub answers, or the data is not here */
  async promote(isForced: boolean): Promise<object> {
    if (this.#hub) {
      const isChanged = await continueByCommand(this.#hub.hub, isForced)
      return { role: 'hub', isChanged }
    }
    if (this.#third)
      throw new HubError('conflict', 'The third computer has no data of the hub, so it cannot be the hub.')
    const runtime = this.#standby?.runtime
    if (!runtime)
      throw new HubError('busy', 'This computer is changing its role right now. Try again in a moment.')
    if (runtime.status.isConnected && !isForced) {
      throw new HubError('conflict', 'The hub is still running. Use "handover" there: nothing is lost.')
    }
    await runtime.takeOver()
    await this.#turn
    const { hub } = this
    if (hub) await recordTakeOver(hub.hub, isForced)
    return { role: 'hub', isChanged: true }
  }
}

function standbyOfFile(dataDir: string): StartError {
  return new StartError(
    `Another computer is the hub of ${dataDir} now, and one that follows it has the rows in a file: leave out --database and HUBBUB_DATABASE, or choose another directory with --data.`,
  )
}

export function isStandby(dataDir: string): boolean {
  const state = readState(dataDir)
  // a computer that has joined and was not connected yet has no state
  if (!state) return readHubFile(dataDir) !== undefined
  // one that has lost the places finds no hub, and its owner can still make it the hub
  return state.role === 'standby' && (state.mustCopy !== true || readHubFile(dataDir) !== undefined)
}
