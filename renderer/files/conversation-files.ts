import { html, nothing, type ReactiveControllerHost } from 'lit'
import type { File } from '../../shared/contract/files.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import type { Chosen } from '../state/uploads.ts'
import { t } from '../text/t.ts'
import { notify } from '../ui/hb-toasts.ts'
import { FileDrop } from './file-drop.ts'
import { kindOf } from './file-words.ts'
import './hb-attach.ts'
import './hb-tray.ts'
import type { FilesView } from './message-files.ts'

/** What a conversation does with files: takes them in, shows them beside the words, and opens its pictures. */
export class ConversationFiles {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #hub: () => Hub
  readonly #conversation: () => Conversation | undefined
  readonly #drop: FileDrop
  #viewing: { files: readonly File[]; at: number } | undefined

  constructor(
    host: ReactiveControllerHost & HTMLElement,
    from: { hub: () => Hub; conversation: () => Conversation | undefined },
  ) {
    this.#host = host
    this.#hub = from.hub
    this.#conversation = from.conversation
    this.#drop = new FileDrop(host, {
      take: (chosen) => this.#add(chosen),
      // where nothing can be written there is no composer either
      mayTake: () => this.#composer !== null,
    })
  }

  /** For the rows. */
  readonly view: FilesView = {
    address: (fileId, size) => this.#hub().fileAddress(fileId, size),
    upload: (id) => this.#hub().uploads.get(id),
    urlOf: (id) => this.#hub().uploads.urlOf(id),
    // on the desktop, where hubs have a base, they come through a scheme of its own
    playsByRange: () => this.#hub().base === '',
  }

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
    if (!this.#viewing) return nothing
    return html`<hb-viewer
      .files=${this.#viewing.files}
      .at=${this.#viewing.at}
      .address=${this.view.address}
      @hb-close=${() => this.#show(undefined)}
    ></hb-viewer>`
  }

  /** A picture of the conversation, with the others that are loaded beside it. */
  open(fileId: string | undefined): void {
    const items = this.#conversation()?.items.peek() ?? []
    const files = items.flatMap((item) => item.attachments).filter((file) => kindOf(file) === 'picture')
    const at = files.findIndex((file) => file.id === fileId)
    if (at === -1) return
    void import('./hb-viewer.ts').then(() => this.#show({ files, at }))
  }

  #show(viewing: { files: readonly File[]; at: number } | undefined): void {
    this.#viewing = viewing
    this.#host.requestUpdate()
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
