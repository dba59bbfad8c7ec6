import {
  decideAsVoter,
  newVoterRecord,
  startVoter,
  type Voter,
  type VoterEvent,
  type VoterRecord,
} from '../../server/continuity/voter-rules.ts'
import type { World } from './world.ts'

/** The computer that only votes. */
export class ThirdComputer {
  readonly name = 'v'
  readonly #world: World
  isUp = true
  disk: VoterRecord = newVoterRecord
  voter: Voter = startVoter(newVoterRecord)
  #snapshots: VoterRecord[] = []

  constructor(world: World) {
    this.#world = world
  }

  takeSnapshot(): void {
    this.#snapshots.push(this.disk)
  }

  crash(): void {
    this.isUp = false
    this.#world.trace('v crashes')
  }

  start({ isSetBack }: { isSetBack: boolean }): void {
    const { random } = this.#world
    const earlier = this.#snapshots[random.below(this.#snapshots.length)]
    if (isSetBack && earlier) this.disk = earlier
    this.isUp = true
    this.voter = startVoter(this.disk)
    this.#world.trace(`v starts${isSetBack ? ' with an earlier disk' : ''}`)
  }

  handle(event: VoterEvent): void {
    if (!this.isUp) return
    const { random, setting } = this.#world
    const { voter, effects } = this.#world.decideThird(this.voter, event, decideAsVoter)
    this.voter = voter
    const crashAfter = this.#world.happens(setting.crashWithinEvent)
      ? random.below(effects.length + 1)
      : undefined
    for (const [at, effect] of effects.entries()) {
      if (at === crashAfter) return this.crash()
      if (effect.do === 'persist') this.disk = effect.record
      else this.#world.answer(effect.to, effect.answer)
    }
  }
}
