import type { Lane } from '../kill/writer.ts'
import type { Follower, FollowerConnection } from './follower.ts'

/** The clients of one round: each writes, loses its hub, and looks for it again. */
export class Writing {
  readonly problems: string[] = []
  readonly #epoch: string
  readonly #lanes: Promise<unknown>
  #isOver = false

  constructor(lanes: readonly { lane: Lane; follower: Follower }[], epoch: string) {
    this.#epoch = epoch
    this.#lanes = Promise.all(lanes.map(({ lane, follower }) => this.#write(lane, follower)))
  }

  async #write(lane: Lane, follower: Follower): Promise<void> {
    const isOver = (): boolean => this.#isOver
    for (;;) {
      const connection = await follower.connect(isOver)
      if (!connection) return
      // of what the former hub had alone, some is gone: the next round finds out first
      if (connection.epoch !== this.#epoch) return connection.close()
      await this.#writeTo(lane, connection)
      connection.close()
    }
  }

  async #writeTo(lane: Lane, connection: FollowerConnection): Promise<void> {
    try {
      await lane.write(connection, () => this.#isOver)
    } catch (error) {
      this.problems.push(`${lane.name} was refused by ${connection.url}: ${String(error)}`)
      this.#isOver = true
    }
  }

  async until(check: () => boolean): Promise<void> {
    while (!this.#isOver && !check()) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#lanes
  }
}
