import { html, nothing, type ReactiveControllerHost } from 'lit'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import type { ReadonlySignal } from '../signals/signal.ts'
import type { PickedFile, Upload } from '../state/upload.ts'
import { t } from '../text/t.ts'
import { notify } from '../ui/hb-toasts.ts'
import { FileDrop } from './file-drop.ts'
import './hb-attach-button.ts'
import './hb-attachment-tray.ts'
import type { FilesView } from './message-files.ts'
import { createFilesView, PictureViewer } from './picture-viewer.ts'

/** A chat or a thread: where files are sent to, and which are shown there. */
export interface AttachmentTarget {
  readonly chatId: string
  readonly thread?: string | undefined
  readonly attachments: ReadonlySignal<readonly Upload[]>
}

/** What a conversation, or a thread, does with files: takes them in, shows them beside the words, and opens its pictures. */
export class ConversationFiles {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #hub: () => Hub
  readonly #target: () => AttachmentTarget | undefined
  readonly #items: () => readonly MessageItem[]
  readonly #fileDrop: FileDrop
  readonly #viewer: PictureViewer

  constructor(
    host: ReactiveControllerHost & HTMLElement,
    from: { hub: () => Hub; place: () => AttachmentTarget | undefined; items: () => readonly MessageItem[] },
  ) {
    this.#host = host
    this.#hub = from.hub
    this.#target = from.place
    this.#items = from.items
    this.#viewer = new PictureViewer(host, (fileId, size) => this.view.address(fileId, size))
    this.#fileDrop = new FileDrop(host, {
      take: (chosen) => this.#addFiles(chosen),
      // where nothing can be written there is no composer either
      mayTake: () => this.#composer !== null,
    })
  }

  /** For the rows. */
  readonly view: FilesView = createFilesView(() => this.#hub())

  /** Watched. */
  get hasAttachments(): boolean {
    return (this.#target()?.attachments.value.length ?? 0) > 0
  }

  /** The children of the composer. */
  renderComposerParts(): unknown {
    const place = this.#target()
    if (!place) return nothing
    return html`<hb-attachment-tray
        slot="tray"
        .uploads=${this.#hub().uploads}
        .chatId=${place.chatId}
        .thread=${place.thread}
        @hb-attachment-tray=${() => this.#composer?.focus()}
      ></hb-attachment-tray>
      <hb-attach-button
        slot="attach"
        @hb-files-picked=${(event: CustomEvent<PickedFile[]>) => this.#addFiles(event.detail)}
      ></hb-attach-button>`
  }

  renderDropOverlay(words: string): unknown {
    return this.#fileDrop.renderOverlay(words)
  }

  renderViewer(): unknown {
    return this.#viewer.render()
  }

  /** A picture of the place, with the others that are loaded beside it. */
  openPicture(fileId: string | undefined): void {
    this.#viewer.open(this.#items(), fileId)
  }

  #addFiles(chosen: PickedFile[]): void {
    const place = this.#target()
    if (!place) return
    const rejectedCount = this.#hub().uploads.add(place.chatId, chosen, place.thread)
    if (rejectedCount > 0) notify(this.#host, { text: t('files.tooMany'), tone: 'danger' })
    this.#composer?.focus()
  }

  get #composer(): HTMLElement | null {
    return this.#host.shadowRoot?.querySelector('hb-composer') ?? null
  }
}
