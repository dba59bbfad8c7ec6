import { html, nothing, type ReactiveControllerHost } from 'lit'
import type { File } from '../../shared/contract/files.ts'
import type { MessageItem } from '../state/message-item.ts'
import type { Hub } from '../state/hub.ts'
import { fileKindOf } from './file-display.ts'
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
  readonly #address: FilesView['address']
  #viewing: { files: readonly File[]; at: number } | undefined

  constructor(host: ReactiveControllerHost, address: FilesView['address']) {
    this.#host = host
    this.#address = address
  }

  open(items: readonly MessageItem[], fileId: string | undefined): void {
    const files = items
      .flatMap((item) => item.attachments)
      .filter((file) => file.preview && fileKindOf(file) === 'picture')
    const at = files.findIndex((file) => file.id === fileId)
    if (at === -1) return
    void import('./hb-viewer.ts').then(() => this.#setViewing({ files, at }))
  }

  render(): unknown {
    if (!this.#viewing) return nothing
    return html`<hb-viewer
      .files=${this.#viewing.files}
      .at=${this.#viewing.at}
      .address=${this.#address}
      @hb-close=${() => this.#setViewing(undefined)}
    ></hb-viewer>`
  }

  #setViewing(viewing: { files: readonly File[]; at: number } | undefined): void {
    this.#viewing = viewing
    this.#host.requestUpdate()
  }
}
