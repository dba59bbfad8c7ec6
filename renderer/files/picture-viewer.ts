import { html, nothing, type ReactiveControllerHost } from 'lit'
import type { MessageItem } from '../state/message-item.ts'
import type { Hub } from '../state/hub.ts'
import { fileKindOf } from './file-display.ts'
import type { ViewedPicture } from './hb-viewer.ts'
import type { FilesView } from './message-files.ts'

/** How the rows of a list show files. */
export function createFilesView(hub: () => Hub): FilesView {
  return {
    address: (fileId, size) => hub().fileAddress(fileId, size),
    upload: (id) => hub().uploads.get(id),
    urlOf: (id) => hub().uploads.urlOf(id),
    // on the desktop, where hubs have a base, they come through a scheme of its own
    supportsRanges: () => hub().base === '',
  }
}

/** Opens a picture of a list in the viewer, with the other pictures of the list before and after it. */
export class PictureViewer {
  readonly #host: ReactiveControllerHost
  readonly #hub: () => Hub
  #viewing: { pictures: readonly ViewedPicture[]; at: number } | undefined

  constructor(host: ReactiveControllerHost, hub: () => Hub) {
    this.#host = host
    this.#hub = hub
  }

  open(items: readonly MessageItem[], fileId: string | undefined): void {
    const pictures = items.flatMap(({ author, at, attachments }) =>
      attachments
        .filter((file) => file.preview && fileKindOf(file) === 'picture')
        .map((file) => ({ file, author: author ?? '', at })),
    )
    const first = pictures.findIndex(({ file }) => file.id === fileId)
    if (first === -1) return
    void import('./hb-viewer.ts').then(() => this.#setViewing({ pictures, at: first }))
  }

  render(): unknown {
    if (!this.#viewing) return nothing
    return html`<hb-viewer
      .pictures=${this.#viewing.pictures}
      .at=${this.#viewing.at}
      .address=${(fileId: string, size?: 'list' | 'screen') => this.#hub().fileAddress(fileId, size)}
      .nameOf=${(userId: string) => this.#hub().users.nameOf(userId)}
      @hb-close=${() => this.#setViewing(undefined)}
    ></hb-viewer>`
  }

  #setViewing(viewing: { pictures: readonly ViewedPicture[]; at: number } | undefined): void {
    this.#viewing = viewing
    this.#host.requestUpdate()
  }
}
