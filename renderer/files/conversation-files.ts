import { html, nothing, type ReactiveControllerHost } from 'lit'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import type { ReadonlySignal } from '../state/signal.ts'
import type { Chosen, Upload } from '../state/uploads.ts'
import { t } from '../text/t.ts'
import { notify } from '../ui/hb-toasts.ts'
import { FileDrop } from './file-drop.ts'
import './hb-attach.ts'
import './hb-tray.ts'
import type { FilesView } from './message-files.ts'
import { filesViewOf, PictureViewer } from './picture-viewer.ts'

/** A chat or a thread: where files are sent to, and which are shown there. */
export interface FilesPlace {
  readonly chatId: string
  readonly thread?: string | undefined
  readonly tray: ReadonlySignal<readonly Upload[]>
}

/** What a conversation, or a thread, does with files: takes them in, shows them beside the words, and opens its pictures. */
export class ConversationFiles {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #hub: () => Hub
  readonly #place: () => FilesPlace | undefined
  readonly #items: () => readonly MessageItem[]
  readonly #drop: FileDrop
  readonly #viewer: PictureViewer

  constructor(
    host: ReactiveControllerHost & HTMLElement,
    from: { hub: () => Hub; place: () => FilesPlace | undefined; items: () => readonly MessageItem[] },
  ) {
    this.#host = host
    this.#hub = from.hub
    this.#place = from.place
    this.#items = from.items
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
    return (this.#place()?.tray.value.length ?? 0) > 0
  }

  /** The children of the composer. */
  besideWords(): unknown {
    const place = this.#place()
    if (!place) return nothing
    return html`<hb-tray
        slot="tray"
        .uploads=${this.#hub().uploads}
        .chatId=${place.chatId}
        .thread=${place.thread}
        @hb-tray=${() => this.#composer?.focus()}
      ></hb-tray>
      <hb-attach
        slot="attach"
        @hb-files=${(event: CustomEvent<Chosen[]>) => this.#add(event.detail)}
      ></hb-attach>`
  }

  overlay(words: string): unknown {
    return this.#drop.overlay(words)
  }

  viewer(): unknown {
    return this.#viewer.draw()
  }

  /** A picture of the place, with the others that are loaded beside it. */
  open(fileId: string | undefined): void {
    this.#viewer.open(this.#items(), fileId)
  }

  #add(chosen: Chosen[]): void {
    const place = this.#place()
    if (!place) return
    const left = this.#hub().uploads.add(place.chatId, chosen, place.thread)
    if (left > 0) notify(this.#host, { text: t('files.tooMany'), tone: 'danger' })
    this.#composer?.focus()
  }

  get #composer(): HTMLElement | null {
    return this.#host.shadowRoot?.querySelector('hb-composer') ?? null
  }
}
