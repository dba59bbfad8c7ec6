import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { StandbyRequest } from '../../shared/contract/standbys.ts'
import { freePort } from '../../test/support/ports.ts'
import { password, type TestUser } from '../../test/support/test-user.ts'
import { describeDisk } from './compare.ts'
import { Computer, type Status } from './computer.ts'
import { mountDisk, unmountDisk } from './disks.ts'
import type { Vote } from './faults.ts'
import { Network } from './network.ts'

/* The two computers of the campaign: their disks, ports and cables, and who is the hub at the moment. */

const settleWithinMs = 90_000
const retryMs = 150

export interface PairOptions {
  dir: string
  /** Those of a campaign that goes on: the places of a hub have ports in them. */
  ports: readonly string[]
  hasOwnDisks: boolean
  fault: string | undefined
}

export interface Roles {
  hub: Computer
  standby: Computer
}

export class Pair {
  readonly network = new Network()
  readonly computers: readonly Computer[]
  readonly #mounted: readonly string[]

  private constructor(computers: readonly Computer[], mounted: readonly string[], network: Network) {
    this.computers = computers
    this.#mounted = mounted
    this.network = network
  }

  static async open({ dir, ports: known, hasOwnDisks, fault }: PairOptions): Promise<Pair> {
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
    return new Pair(computers, mounted, network)
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
    const { link } = (await first.ask({ command: 'grant' })) as { link: string }
    const started = second.start({ command: ['standby', '--yes', '--of', link] })
    for (;;) {
      const [request] = (await first.ask({ command: 'requests' })) as StandbyRequest[]
      if (request) {
        await first.ask({ command: 'approve', node: request.node })
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
      this.computers.map(async (computer) => {
        computer.freeDisk()
        if (computer.isStopped) computer.continue()
        await computer.arm()
      }),
    )
  }

  /** Starts those that have ended. Returns problems: a process that ended by itself, though nothing permits it. */
  async startMissing(mayEnd: boolean): Promise<string[]> {
    const problems = await Promise.all(
      this.computers.map(async (computer) => {
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
      const at = statuses.findIndex(isInStepAsHub)
      const other = statuses[1 - at]
      if (at >= 0 && other?.role === 'standby' && other.isInStep === true) {
        return { hub: this.computers[at] as Computer, standby: this.computers[1 - at] as Computer }
      }
      if (performance.now() > until) return this.#describe(statuses)
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }

  #describe(statuses: readonly (Status | undefined)[]): string {
    const parts = this.computers.map(({ name, dataDir }, at) => {
      return `${name}: ${JSON.stringify(statuses[at])}, ${describeDisk(dataDir)}`
    })
    return `the computers do not get in step again: ${parts.join('; ')}`
  }

  async close(): Promise<void> {
    await Promise.all(this.computers.map((computer) => computer.kill()))
    this.network.close()
    for (const folder of this.#mounted) unmountDisk(folder)
  }
}

function isInStepAsHub(status: Status | undefined): boolean {
  return status?.role === 'hub' && status.safety === 'together' && status.isHandingOver !== true
}

/** Gives one of the computers the right to decide. */
export async function giveVote(owner: TestUser, tie: Vote): Promise<void> {
  const status = await owner.request('continuity.status', {})
  if (status.tie === tie) return
  await owner.request('sessions.reauthenticate', { current: password })
  await owner.request('continuity.vote', { tie })
}
