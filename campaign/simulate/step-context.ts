import { isRequestError } from '../../renderer/connection/request.ts'
import type { Conversation } from '../../renderer/state/conversation.ts'
import type { Hub as Page } from '../../renderer/state/hub.ts'
import type { Registers } from '../kill/registers.ts'
import type { Actor } from './actor.ts'
import type { Tab } from './browser.ts'
import type { Team } from './team.ts'
import type { Watcher } from './watcher.ts'

/** A tab in which a user does something, in one of their chats. */
export interface Place {
  actor: Actor
  tab: Tab
  page: Page
  chatId: string
  conversation: Conversation
}

export interface StepContextOptions {
  team: Team
  actors: readonly Actor[]
  registers: Registers
  watcher: Watcher
  onError: (error: unknown) => void
}

/** What the steps of a history share. */
export class StepContext {
  readonly team: Team
  readonly actors: readonly Actor[]
  readonly registers: Registers
  readonly watcher: Watcher
  readonly onError: (error: unknown) => void
  /** Chats that a user has asked to delete, or has left, perhaps as the last one. */
  readonly perhapsDeleted = new Set<string>()
  #numbers = 0

  constructor({ team, actors, registers, watcher, onError }: StepContextOptions) {
    this.team = team
    this.actors = actors
    this.registers = registers
    this.watcher = watcher
    this.onError = onError
  }

  /** Makes a text unlike all others of the history. */
  nextNumber(): number {
    return (this.#numbers += 1)
  }

  /** A refusal in words is no fault: the user is no member any more, or the message is deleted. */
  ask(
    ask: () => Promise<unknown>,
    { onDone, onEnd }: { onDone?: () => void; onEnd?: () => void } = {},
  ): void {
    ask()
      .then(onDone, (error: unknown) => {
        if (!isRequestError(error) || error.code === 'internal') this.onError(error)
      })
      .finally(onEnd)
  }

  /** A user who leaves a chat begins in it as new, and what they were sending to it may be refused. */
  markLeft(userId: string, chatId: string): void {
    for (const { device, left } of this.actors) if (device.userId === userId) left.add(chatId)
  }

  markDeleted(chatId: string): void {
    this.perhapsDeleted.add(chatId)
    for (const { left } of this.actors) left.add(chatId)
  }

  /** What was read and not confirmed is lost with the session. */
  forgetMarks(userId: string, except?: Actor): void {
    for (const actor of this.actors)
      if (actor.device.userId === userId && actor !== except) actor.marks.clear()
  }
}
