import type { Message } from '../../shared/contract/messages.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'
import { isDeleted } from './recent-messages.ts'
import type { MessageChange, Store } from './store.ts'

/** The reply that arrived last: a notification shows its text, and threads are known by their counts only. */
export class LatestReply implements Store {
  readonly #value = signal<Message | undefined>(undefined)
  readonly value: ReadonlySignal<Message | undefined> = this.#value

  applyMessage({ message, isNew }: MessageChange): void {
    if (isNew && message.thread !== undefined && !isDeleted(message)) this.#value.value = message
  }
}
