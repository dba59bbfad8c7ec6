import type { Browser, Tab } from './browser.ts'
import type { Device } from './team.ts'

/** A text that a page has shown as sent. */
export interface SentText {
  text: string
  chatId: string
  /** The parent message, for a reply in a thread. */
  thread?: string
  tab: Tab
}

/** An edit that a page has stored to send it. */
export interface StoredEdit {
  /** Of its register. */
  key: string
  text: string
  /** Of the register, with the files of the message. */
  value: string
  chatId: string
  tab: Tab
}

/** A user at one of their computers. */
export interface Actor {
  readonly device: Device
  readonly browser: Browser
  /** What the tabs have sent, without what a killed tab may have lost. */
  sent: SentText[]
  edits: StoredEdit[]
  /** The number that a page has read up to, by chat. */
  readonly marks: Map<string, number>
  /** Chats that the user has been out of. */
  readonly left: Set<string>
}
