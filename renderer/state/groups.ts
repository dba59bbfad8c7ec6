import type { ListedGroup } from '../../shared/contract/chats.ts'
import type { ReadonlySignal, Signal } from './signal.ts'

/** Public groups I am not in, kept live while they are looked at. Join with `chats.join`. */
export interface Groups {
  readonly list: ReadonlySignal<readonly ListedGroup[]>
  /** A part of the name, in any case; `list` follows. */
  readonly query: Signal<string>
  readonly ready: ReadonlySignal<boolean>
  /** Call when the list is opened. Throws RequestError. */
  load(): Promise<void>
}
