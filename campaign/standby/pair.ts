import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { StandbyRequest } from '../../shared/contract/standbys.ts'
import { freePort } from '../../test/support/ports.ts'
import { password, type TestUser } from '../../test/support/test-user.ts'
import { isVoteFolder } from '../../server/continuity/voter-file.ts'
import { describeDisk } from './compare.ts'
import { Computer, type Status } from './computer.ts'
import { mountDisk, unmountDisk } from './disks.ts'
import type { Vote } from './ground.ts'
import { Network, thirdKey } from './network.ts'

/* The computers of the campaign: their disks, ports and cables, and who is the hub at the moment. */

const settleWithinMs = 90_000
const retryMs = 150

export interface PairOptions {
  dir: string
  /** Those of a campaign that goes on: the places of a hub have ports in them. */
  ports: readonly string[]
  hasOwnDisks: boolean
  /** A third computer takes part. */
  hasThird: boolean
  fault: string | undefined
}

export interface Roles {
  hub: Computer
  standby: Computer
}

export class Pair {
  readonly network = new Network()
  readonly computers: readonly Computer[]
  readonly third: Computer | undefined
  readonly #mounted: readonly string[]

  private constructor(
    { computers, third }: { computers: readonly Computer[]; third: Computer | undefined },
    mounted: readonly string[],
    network: Network,
  ) {
    this.computers = computers
    this.third = third
    this.#mounted = mounted
    this.network = network
  }

  /** With the third one. */
  get #all(): readonly Computer[] {
    return this.third ? [...this.computers, this.third] : this.computers
  }

  static async open({ dir, ports: known, hasOwnDisks, hasThird, fault }: PairOptions): Promise<Pair> {
    const network = new Network()
    const ports = known.length > 0 ? known : [await freePort(), await freePort()]
    const mounted: string[] = []
    const computers: Computer[] = []
    for (const [at, port] of ports.entries()) {
      const name = at === 0 ? 'one' : 'two'
      const folder = path.join(dir, name)
      mkdirSync(folder, { recursive: true })
      if (hasOwnDisks && mountDisk(folder)) mounted.push(folder)
      computers.push(
        new Computer({
          ...{ name, port, fault, dataDir: path.join(folder, 'data') },
          logFile: path.join(dir, `${name}.log`),
          routes: await network.routesFrom(
            port,
            ports.filter((other) => other !== port),
          ),
        }),
      )
    }
    const third = hasThird
      ? new Computer({
          ...{ name: thirdKey, port: thirdKey, fault: undefined, dataDir: path.join(dir, thirdKey, 'data') },
          logFile: path.join(dir, 'third.log'),
          routes: await network.routesFrom(thirdKey, ports),
        })
      : undefined
    return new Pair({ computers, third }, mounted, network)
  }

  get ports(): readonly string[] {
    return this.computers.map(({ port }) => port)
  }

  get addresses(): readonly string[] {
    return this.ports.map((port) => `127.0.0.1:${port}`)
  }

  get dataDirs(): readonly string[] {
    return this.computers.map(({ dataDir }) => dataDir)
  }

  /** Each computer has a disk that can be full. */
  get hasOwnDisks(): boolean {
    return this.#mounted.length === this.computers.length
  }

  /** The first start: the second computer follows the first. */
  async pair(): Promise<void> {
    const [first, second] = this.computers as [Computer, Computer]
    await this.#join(first, second, 'standby')
  }

  /** The first start of the third computer, while the standby is in step. */
  async addThird({ hub }: Roles): Promise<void> {
    if (this.third && !isVoteFolder(this.third.dataDir)) await this.#join(hub, this.third, 'vote')
  }

  async #join(hub: Computer, computer: Computer, kind: 'standby' | 'vote'): Promise<void> {
    const { link } = (await hub.ask({ command: 'grant', kind })) as { link: string }
    const started = computer.start({ command: [kind, '--yes', '--of', link] })
    for (;;) {
      const [request] = (await hub.ask({ command: 'requests' })) as StandbyRequest[]
      if (request) {
        await hub.ask({ command: 'approve', node: request.node })
        break
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
    await started
  }

  /** Mends what a round has broken. A process that does not start is tried again. */
  async mend(): Promise<void> {
    this.network.mend()
    await Promise.all(
      this.#all.map(async (computer) => {
        computer.freeDisk()
        if (computer.isStopped) computer.continue()
        await computer.arm()
      }),
    )
    await this.third?.setClock(0)
  }

  /** Starts those that have ended. Returns problems: a process that ended by itself, though nothing permits it. */
  async startMissing(mayEnd: boolean): Promise<string[]> {
    const problems = await Promise.all(
      this.#all.map(async (computer) => {
        // not added yet
        if (computer === this.third && !isVoteFolder(computer.dataDir)) return []
        const hasCrashed = computer.hasCrashed && existsSync(computer.dataDir)
        if (!computer.isRunning) await computer.start()
        return hasCrashed && !mayEnd ? [`${computer.name} ended by itself: see ${computer.name}.log`] : []
      }),
    )
    return problems.flat()
  }

  /** Waits until one computer is the hub, and the other is in step. Returns a sentence if it takes too long. */
  async settle(mayEnd: boolean): Promise<Roles | string> {
    const until = performance.now() + settleWithinMs
    for (;;) {
      const [problem] = await this.startMissing(mayEnd)
      if (problem !== undefined) return problem
      const statuses = await Promise.all(this.computers.map((computer) => computer.status()))
      const third = await this.third?.status()
      const isThirdHere =
        !this.third ||
        !isVoteFolder(this.third.dataDir) ||
        third?.computers?.every(({ isConnected }) => isConnected) === true
      const at = statuses.findIndex(isInStepAsHub)
      const other = statuses[1 - at]
      if (at >= 0 && other?.role === 'standby' && other.isInStep === true && isThirdHere) {
        return { hub: this.computers[at] as Computer, standby: this.computers[1 - at] as Computer }
      }
      if (performance.now() > until) return this.#describe(statuses, third)
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }

  #describe(statuses: readonly (Status | undefined)[], third: Status | undefined): string {
    const parts = this.computers.map(({ name, dataDir }, at) => {
      return `${name}: ${JSON.stringify(statuses[at])}, ${describeDisk(dataDir)}`
    })
    const ofThird = third === undefined ? '' : `; third: ${JSON.stringify(third)}`
    return `the computers do not get in step again: ${parts.join('; ')}${ofThird}`
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((computer) => computer.kill()))
    this.network.close()
    for (const folder of this.#mounted) unmountDisk(folder)
  }
}

function isInStepAsHub(status: Status | undefined): boolean {
  return status?.role === 'hub' && status.safety === 'together' && status.isHandingOver !== true
}

/** Gives one of the computers the right to decide. */
export async function giveVote(owner: TestUser, vote: Vote): Promise<void> {
  const status = await owner.request('continuity.status', {})
  const third = status.computers.find(({ kind }) => kind === 'vote')?.node
  const tie = vote === 'third' ? (third ?? '') : vote
  if (status.tie === tie) return
  await owner.request('sessions.reauthenticate', { current: password })
  await owner.request('continuity.vote', { tie })
}
