import type { ContinuityStatus } from '../../shared/contract/standbys.ts'
import type { HostApi, HostStatus } from '../../shared/desktop.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import { signal } from '../signals/signal.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { errorCode, errorMessage } from '../ui/error-message.ts'
import { shellErrorCode, shellErrorMessage } from './shell-error.ts'
import './moves-text.ts'

/*
 * Moves a hub to this computer in one go: it joins the hub as a standby, is approved, gets everything, and the hub is handed
 * over. Invariants:
 *
 * 1. Until the hand-over is asked for, the other computer is the hub, and nothing here can change that.
 * 2. After it was asked for, nothing is undone: which computer is the hub is decided by the two of them.
 * 3. Each step can be found again in what hub and shell say. So a reload in between loses the progress bar only.
 */

export type MoveStep = 'joining' | 'copying' | 'handing' | 'finishing'
/**
 * `failed`, `cancelled`: all is as it was. `stopped`: this computer is a standby of the hub, which is where it was. `unclear`: the
 * two computers still decide.
 */
export type MoveEnd = 'done' | 'cancelled' | 'failed' | 'stopped' | 'unclear'

const pollMs = 500
/** After the order to hand over. The hub itself gives up sooner. */
const maxHandoverPolls = 60
/** The former hub starts as a standby, and the page finds the hub at its new place. */
const maxFormerPolls = 120

/** The hub knows this computer no longer. */
class RemovedError extends Error {
  override name = 'RemovedError'
}

/** A reason that the user can read. */
class MoveError extends Error {
  override name = 'MoveError'
}

class CancelledError extends Error {
  override name = 'CancelledError'
}

export interface HubMoveOptions {
  hub: Hub
  host: HostApi
  /** The other computer becomes the standby. False: it stops. */
  keepsFormer: boolean
}

export class HubMove {
  readonly step = signal<MoveStep>('joining')
  readonly end = signal<MoveEnd | undefined>(undefined)
  /** Why it has ended, or why it does not go on at this moment. */
  readonly problem = signal('')
  readonly isCancelling = signal(false)
  readonly #hub: Hub
  readonly #host: HostApi
  readonly #keepsFormer: boolean
  /** This move has made this computer join the hub. */
  #hasJoined = false
  #wasOrdered = false

  constructor({ hub, host, keepsFormer }: HubMoveOptions) {
    this.#hub = hub
    this.#host = host
    this.#keepsFormer = keepsFormer
  }

  /** The other computer is the hub until the hand-over. */
  get canCancel(): boolean {
    return !this.#wasOrdered && (this.step.value === 'joining' || this.step.value === 'copying')
  }

  cancel(): void {
    if (this.canCancel) this.isCancelling.value = true
  }

  /** Never rejects: `end` and `problem` say what came of it. */
  async run(): Promise<void> {
    try {
      const node = await this.#join()
      this.step.value = 'copying'
      await this.#waitUntilInStep(node)
      this.step.value = 'handing'
      await this.#handOver()
      if (!this.#keepsFormer) await this.#endFormer()
      this.end.value = 'done'
    } catch (error) {
      await this.#undo(error)
    }
  }

  /** Joins the hub, unless it follows already. Returns the id of this computer. */
  async #join(): Promise<string> {
    const { computers } = await this.#status()
    const following = await this.#following()
    if (following !== undefined && computers.some(({ node }) => node === following)) return following
    const other = computers.find(({ kind }) => kind === 'standby')
    if (other) throw new MoveError(t('move.otherStandby', { name: other.name }))
    const { link } = await this.#asOwner(() => this.#hub.request('continuity.code', { kind: 'standby' }))
    await this.#host.follow(link)
    this.#hasJoined = true
    const node = await this.#repeat(() => this.#following())
    const { requests } = await this.#status()
    if (!requests.some((request) => request.node === node)) throw new MoveError(t('move.notAsked'))
    this.#throwIfCancelled()
    await this.#asOwner(() => this.#hub.request('continuity.approve', { node }))
    return node
  }

  /** The id of this computer, if it is a standby of this hub. */
  async #following(): Promise<string | undefined> {
    const { isStandby, hubId, following } = await this.#host.status()
    return isStandby && this.#hub.base.endsWith(`/${hubId}`) ? following?.node : undefined
  }

  async #waitUntilInStep(node: string): Promise<void> {
    await this.#repeat(async () => {
      const { computers } = await this.#status()
      const here = computers.find((computer) => computer.node === node)
      if (!here) throw new RemovedError(t('move.removed'))
      // a full disk, for example: it goes on by itself
      this.problem.value = here.problem ?? (await this.#host.status()).following?.problem ?? ''
      if (here.state !== 'inStep' || here.isReachable === undefined) return undefined
      if (!here.isReachable) throw new MoveError(t('move.unreachable'))
      return true
    })
    this.problem.value = ''
  }

  async #handOver(): Promise<void> {
    this.#throwIfCancelled()
    this.#wasOrdered = true
    try {
      await this.#asOwner(() => this.#hub.request('continuity.handover'))
    } catch (error) {
      // the connection may end before the response
      const mayBeDone = errorCode(error) === 'offline' || this.#hub.movedTo.peek() !== undefined
      this.#wasOrdered = mayBeDone
      if (!mayBeDone) throw error
    }
    const isHere = ({ isStandby, state }: HostStatus): boolean => isStandby === false && state === 'running'
    const taken = await this.#repeat(
      async () => (isHere(await this.#host.status()) ? true : undefined),
      maxHandoverPolls,
    )
    if (!taken) throw new MoveError(t('move.notTaken'))
  }

  /** Removes the other computer once it follows. If that does not work, it is only said: the hub is here. */
  async #endFormer(): Promise<void> {
    this.step.value = 'finishing'
    try {
      const isRemoved = await this.#repeat(async () => {
        const { computers, tie } = await this.#status()
        const former = computers.find(({ kind }) => kind === 'standby')
        if (former?.state !== 'inStep') return undefined
        if (tie !== 'hub') await this.#asOwner(() => this.#hub.request('continuity.vote', { tie: 'hub' }))
        await this.#asOwner(() => this.#hub.request('continuity.remove', { node: former.node }))
        return true
      }, maxFormerPolls)
      if (!isRemoved) this.problem.value = t('move.formerStays')
    } catch (error) {
      this.problem.value = `${messageOf(error)} ${t('move.formerStays')}`
    }
  }

  /** Before the hand-over, all is made as it was, unless only the end of the move is missing. */
  async #undo(error: unknown): Promise<void> {
    const isCancelled = error instanceof CancelledError
    this.problem.value = isCancelled ? '' : messageOf(error)
    if (this.#wasOrdered) {
      this.end.value = 'unclear'
      return
    }
    const isStandby = this.step.value !== 'joining' && !(error instanceof RemovedError)
    if (isStandby && !isCancelled) {
      this.end.value = 'stopped'
      return
    }
    if (this.#hasJoined || isStandby) await this.#leave()
    this.end.value = isCancelled ? 'cancelled' : 'failed'
  }

  async #leave(): Promise<void> {
    const node = await this.#following().catch(() => undefined)
    const { computers, requests } = await this.#status().catch(() => ({ computers: [], requests: [] }))
    const isHere = (one: { node: string }): boolean => one.node === node
    const leaving: Promise<unknown>[] = [this.#host.leave(true)]
    if (node !== undefined && requests.some(isHere))
      leaving.push(this.#hub.request('continuity.decline', { node }))
    if (node !== undefined && computers.some(isHere))
      leaving.push(this.#asOwner(() => this.#hub.request('continuity.remove', { node })))
    for (const result of await Promise.allSettled(leaving))
      if (result.status === 'rejected') this.problem.value ||= messageOf(result.reason)
  }

  #status(): Promise<ContinuityStatus> {
    return this.#hub.request('continuity.status')
  }

  #asOwner<T>(run: () => Promise<T>): Promise<T> {
    return withReauthentication(this.#hub, run)
  }

  #throwIfCancelled(): void {
    if (this.isCancelling.value && !this.#wasOrdered) throw new CancelledError()
  }

  /** Runs it until it returns something, also while the hub does not answer. Returns undefined after `most` times. */
  async #repeat<T>(run: () => Promise<T | undefined>): Promise<T>
  async #repeat<T>(run: () => Promise<T | undefined>, most: number): Promise<T | undefined>
  async #repeat<T>(run: () => Promise<T | undefined>, most = Infinity): Promise<T | undefined> {
    for (let times = 0; times < most; times += 1) {
      this.#throwIfCancelled()
      try {
        const result = await run()
        if (result !== undefined) return result
      } catch (error) {
        const code = errorCode(error)
        if (code !== 'offline' && code !== 'busy') throw error
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
    return undefined
  }
}

function messageOf(error: unknown): string {
  if (error instanceof MoveError || error instanceof RemovedError) return error.message
  return shellErrorCode(error) !== undefined && !(error instanceof Error)
    ? shellErrorMessage(error)
    : errorMessage(error)
}
