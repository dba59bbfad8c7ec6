import { isCount, isId, isText, isTime, objectOf, recordOf } from '../connection/form.ts'
import type { Clock } from '../connection/platform.ts'
import { Timer } from '../connection/timer.ts'
import { includesEdits, versionOf, withEditBy, type EditClock } from './edit-clock.ts'

export interface DraftPlace {
  readonly chatId: string
  /** The parent message. */
  readonly thread?: string | undefined
}

/** A text, the edits it includes, and the time of the last one. */
export interface DraftText {
  readonly text: string
  readonly edits: EditClock
  readonly at: number
}

const textFields = { text: isText, edits: recordOf(isCount), at: isTime }
export const isDraftText = objectOf<DraftText>(textFields, {})
/** From another tab, which may have another release. */
export const isDraftNews = objectOf<DraftPlace & DraftText>({ ...textFields, chatId: isId }, { thread: isId })

/** As it is cached. */
export interface DraftRecord extends DraftPlace, DraftText {
  /** What the hub has, as far as this device knows. */
  readonly hub: { readonly version: string; readonly text: string } | undefined
  /** The hub does not have this text. */
  readonly isUnsynced: boolean
  /** Versions that became messages: no other message may name them. */
  readonly sent?: readonly string[]
  /** Earlier texts, from which another tab or device may have gone on. */
  readonly known?: readonly DraftText[]
}

const maxKnownTexts = 40
const maxCachedTexts = 8
const maxSentVersions = 16

export function keyOf({ chatId, thread }: DraftPlace): string {
  return thread ?? chatId
}

/** The draft of one chat or thread. */
export class DraftRegister {
  readonly key: string
  readonly tabTimer: Timer
  readonly hubTimer: Timer
  /** Set while the user types here. */
  readonly typingTimer: Timer
  /** Arrived meanwhile: merged when the user pauses, so that no text moves below the hands. */
  held: { draft: DraftPlace & DraftText; isUnsynced: boolean }[] = []
  /** The version that is on its way to the hub. */
  pushing: string | undefined
  /** The text has changed since its last edit was counted. */
  isTyped = false
  record: DraftRecord
  readonly #onText: (text: string) => void
  #known: DraftText[] = []

  constructor(place: DraftPlace, clock: Clock, onText: (text: string) => void) {
    const { chatId, thread } = place
    this.key = keyOf(place)
    this.tabTimer = new Timer(clock)
    this.hubTimer = new Timer(clock)
    this.typingTimer = new Timer(clock)
    this.#onText = onText
    this.record = { chatId, thread, text: '', edits: {}, at: 0, hub: undefined, isUnsynced: false }
  }

  get version(): string {
    return versionOf(this.record.edits)
  }

  /** What goes to the cache; undefined if nothing needs to. */
  get cached(): DraftRecord | undefined {
    const { text, hub, isUnsynced } = this.record
    if (text === '' && hub === undefined && !this.isTyped && !isUnsynced) return undefined
    return {
      ...this.record,
      isUnsynced: this.isTyped || isUnsynced,
      known: this.#known.slice(-maxCachedTexts),
    }
  }

  /** Takes over what was cached. It may have been typed after its last edit was counted. */
  restore(record: DraftRecord, tab: string): void {
    this.#known = [...(record.known ?? [])]
    this.record = record
    this.isTyped = record.isUnsynced
    if (!this.settle(tab, record.at)) this.adopt(record, false)
    this.#onText(record.text)
  }

  type(text: string): void {
    this.isTyped = true
    this.update({ text })
    this.#onText(text)
  }

  /** Counts what was typed as an edit; returns false if nothing was. */
  settle(tab: string, at: number): boolean {
    if (!this.isTyped) return false
    const { text, edits } = this.record
    this.adopt({ text, edits: withEditBy(tab, edits), at }, true)
    return true
  }

  adopt({ text, edits, at }: DraftText, isUnsynced: boolean): void {
    this.isTyped = false
    this.update({ text, edits, at, isUnsynced })
    this.#known = [...this.#known, { text, edits, at }].slice(-maxKnownTexts)
    this.#onText(text)
  }

  update(changes: Partial<DraftRecord>): void {
    this.record = { ...this.record, ...changes }
  }

  /** The latest text that a text with these edits has gone on from as well. */
  commonText(edits: EditClock): string {
    return this.#known.findLast((each) => includesEdits(edits, each.edits))?.text ?? ''
  }

  /**
   * The text becomes a message. Returns the versions it was written from: its own, which other tabs and devices may have
   * as well, and those that the hub has or will have.
   */
  takeVersions(): string[] {
    const { text, hub, sent = [] } = this.record
    const versions = [
      ...(text === '' ? [] : [this.version]),
      ...(hub?.text ? [hub.version] : []),
      ...(this.pushing === undefined ? [] : [this.pushing]),
    ]
    const from = new Set(versions.filter((version) => !sent.includes(version)))
    this.update({ sent: [...sent, ...from].slice(-maxSentVersions) })
    return [...from]
  }

  clearTimers(): void {
    this.tabTimer.clear()
    this.hubTimer.clear()
    this.typingTimer.clear()
  }
}
