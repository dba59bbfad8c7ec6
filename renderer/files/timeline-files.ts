import { html, nothing, type ReactiveControllerHost } from 'lit'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import type { Timeline } from '../state/timeline.ts'
import type { PickedFile } from '../state/upload.ts'
import { signal } from '../signals/signal.ts'
import { t } from '../text/t.ts'
import { notify } from '../ui/hb-toasts.ts'
import { FileDrop } from './file-drop.ts'
import './hb-attach-button.ts'
import { PictureViewer } from './picture-viewer.ts'

export interface TimelineFilesOptions {
  hub: () => Hub
  timeline: () => Timeline | undefined
  /** The element that files can be dropped on and pasted into. */
  dropArea: () => HTMLElement
  /** The messages whose pictures the viewer shows. */
  items: () => readonly MessageItem[]
  /** Null while the user may not write: then no files are taken either. */
  composer: () => HTMLElement | null
}

/** The tray is no part of the first screen. It is loaded when the page is idle, or with the first file. */
const isTrayLoaded = signal(false)

function loadTray(): void {
  const onLoaded = (): void => void (isTrayLoaded.value = true)
  // without the hub the files are sent all the same
  void import('./hb-attachment-tray.ts').then(onLoaded, () => undefined)
}

/** The files of a timeline: takes dropped, pasted and picked ones for the composer, and opens the pictures of its messages. */
export class TimelineFiles {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #options: TimelineFilesOptions
  readonly #fileDrop: FileDrop
  readonly #viewer: PictureViewer

  constructor(host: ReactiveControllerHost & HTMLElement, options: TimelineFilesOptions) {
    this.#host = host
    this.#options = options
    this.#viewer = new PictureViewer(host, options.hub)
    this.#fileDrop = new FileDrop(host, {
      area: options.dropArea,
      onFiles: (files) => this.#addFiles(files),
      onFolders: () => notify(this.#host, { text: t('files.noFolders'), tone: 'danger' }),
      isEnabled: () => options.composer() !== null,
    })
  }

  /** Watched. */
  get hasAttachments(): boolean {
    return (this.#options.timeline()?.attachments.value.length ?? 0) > 0
  }

  /** The children of the composer. */
  renderComposerParts(): unknown {
    const timeline = this.#options.timeline()
    if (!timeline) return nothing
    return html`${this.hasAttachments ? this.#renderTray(timeline) : nothing}
      <hb-attach-button
        slot="attach"
        @hb-files-picked=${(event: CustomEvent<PickedFile[]>) => this.#addFiles(event.detail)}
      ></hb-attach-button>`
  }

  #renderTray({ chatId, threadId }: Timeline): unknown {
    if (!isTrayLoaded.value) {
      loadTray()
      return nothing
    }
    return html`<hb-attachment-tray
      slot="tray"
      .uploads=${this.#options.hub().uploads}
      .chatId=${chatId}
      .thread=${threadId}
      @hb-attachment-tray=${() => this.#options.composer()?.focus()}
    ></hb-attachment-tray>`
  }

  renderDropOverlay(text: string): unknown {
    return this.#fileDrop.renderOverlay(text)
  }

  renderViewer(): unknown {
    return this.#viewer.render()
  }

  /** Opens a picture of the timeline. The viewer also has the other loaded pictures. */
  openPicture(fileId: string | undefined): void {
    this.#viewer.open(this.#options.items(), fileId)
  }

  /** Takes the content of an upload of a message again: by its handle, or as the user chooses it. */
  async chooseAgain(uploadId: string): Promise<void> {
    const { uploads } = this.#options.hub()
    if (await uploads.reopenFile(uploadId)) return
    const input = document.createElement('input')
    input.type = 'file'
    input.onchange = () => {
      const [content] = input.files ?? []
      if (content && !uploads.replaceFile(uploadId, content))
        notify(this.#host, { text: t('files.another'), tone: 'danger' })
    }
    input.click()
  }

  /** Attaches a text that is too long for a message. Returns false if there is no room for another file. */
  addText(text: string): boolean {
    const content = new File([text], t('files.textName'), { type: 'text/plain' })
    return this.#addFiles([{ content, name: content.name }])
  }

  #addFiles(files: PickedFile[]): boolean {
    const timeline = this.#options.timeline()
    if (!timeline) return false
    const rejectedCount = this.#options.hub().uploads.add(timeline.chatId, files, timeline.threadId)
    if (rejectedCount > 0)
      notify(this.#host, { text: t('files.tooMany', { count: rejectedCount }), tone: 'danger' })
    this.#options.composer()?.focus()
    return rejectedCount === 0
  }
}
