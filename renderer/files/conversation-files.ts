import { html, nothing, type ReactiveControllerHost } from 'lit'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import type { Chosen } from '../state/uploads.ts'
import { t } from '../text/t.ts'
import { notify } from '../ui/hb-toasts.ts'
import { FileDrop } from './file-drop.ts'
import './hb-attach.ts'
import './hb-tray.ts'
import type { FilesView } from './message-files.ts'
import { filesViewOf, PictureViewer } from './picture-viewer.ts'

/** What a conversation does with files: takes them in, shows them beside the words, and opens its pictures. */
export class ConversationFiles {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #hub: () => Hub
  readonly #conversation: () => Conversation | undefined
  readonly #drop: FileDrop
  readonly #viewer: PictureViewer

  constructor(
    host: ReactiveControllerHost & HTMLElement,
    from: { hub: () => Hub; conversation: () => Conversation | undefined },
  ) {
    this.#host = host
    this.#hub = from.hub
    this.#conversation = from.conversation
    this.#viewer = new PictureViewer(host, (fileId, size) => this.view.address(fileId, size))
    this.#drop = new FileDrop(host, {
      take: (chosen) => this.#add(chosen),
      // where nothing can be written there is no composer either
      mayTake: () => this.#composer !== null,
    })
  }

  /** For the rows. */
  readonly view: FilesView = filesViewOf(() => this.#hub())

  /** Watched. */
  get hasAny(): boolean {
    return (this.#conversation()?.tray.value.length ?? 0) > 0
  }

  /** The children of the composer. */
  besideWords(): unknown {
    const conversation = this.#conversation()
    if (!conversation) return nothing
    return html`<hb-tray
        slot="tray"
        .uploads=${this.#hub().uploads}
        .chatId=${conversation.chatId}
        @hb-tray=${() => this.#composer?.focus()}
      ></hb-tray>
      <hb-attach
        slot="attach"
        @hb-files=${(event: CustomEvent<Chosen[]>) => this.#add(event.detail)}
      ></hb-attach>`
  }

  overlay(name: string): unknown {
    return this.#drop.overlay(name)
  }

  viewer(): unknown {
    return this.#viewer.draw()
  }

  /** A picture of the conversation, with the others that are loaded beside it. */
  open(fileId: string | undefined): void {
    this.#viewer.open(this.#conversation()?.items.peek() ?? [], fileId)
  }

  #add(chosen: Chosen[]): void {
    const conversation = this.#conversation()
    if (!conversation) return
    const left = this.#hub().uploads.add(conversation.chatId, chosen)
    if (left > 0) notify(this.#host, { text: t('files.tooMany'), tone: 'danger' })
    this.#composer?.focus()
  }

  get #composer(): HTMLElement | null {
    return this.#host.shadowRoot?.querySelector('hb-composer') ?? null
  }
}
