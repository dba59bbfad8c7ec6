import { html, nothing } from 'lit'
import type { File } from '../../shared/contract/files.ts'
import type { MessageItem } from '../state/message-item.ts'
import { toSentFile, type Upload } from '../state/upload.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import './hb-media.ts'
import './hb-upload.ts'
import { fileCard } from './file-card.ts'
import { fileKindOf, pictureSize } from './file-display.ts'
import { keepFailedPicture } from '../ui/failed-pictures.ts'

/** The data that rows need to show files. */
export interface FilesView {
  address: (fileId: string, size?: 'list' | 'screen') => string
  /** Watched. */
  upload: (id: string) => Upload | undefined
  /** Only for uploads whose content is still in this window. */
  urlOf: (id: string) => string | undefined
  /** The desktop cannot play by ranges. */
  supportsRanges: () => boolean
}

/** Animated pictures up to this size play in their row. */
const maxAnimatedBytes = 4 * 1024 * 1024

/** The files of a message, or nothing. A template, since the height of a row has to be final as soon as it is rendered. */
export function messageFiles(item: MessageItem, view: FilesView): unknown {
  const uploads = (item.uploads ?? []).map((id) => view.upload(id)).filter((upload) => upload !== undefined)
  if (uploads.length > 0) return renderUploads(item, uploads, view)
  const files = item.attachments
  if (files.length === 0) return nothing
  const pictures = files.filter((file) => fileKindOf(file) === 'picture')
  const others = files.filter((file) => fileKindOf(file) !== 'picture')
  return html`<div class="files">
    ${pictures.length > 0 ? renderGallery(pictures, view) : nothing}
    ${others.map((file) => renderOther(file, view))}
  </div>`
}

function renderUploads(item: MessageItem, uploads: readonly Upload[], view: FilesView): unknown {
  const pictures = uploads.filter((upload) => upload.type.startsWith('image/') && upload.width !== undefined)
  const coming = uploads.some((upload) => upload.state !== 'done')
  const shown = pictures.filter(({ id }) => view.urlOf(id) !== undefined)
  return html`<div class="files">
    ${
      shown.length > 0
        ? html`<div class=${galleryClass(shown.length)}>
            ${shown.map((upload) => renderPicture(toSentFile(upload), view.urlOf(upload.id) ?? '', shown.length === 1))}
          </div>`
        : nothing
    }
    ${uploads
      .filter((upload) => upload.state !== 'done' || !shown.includes(upload))
      .map((upload) => html`<hb-upload .upload=${upload}></hb-upload>`)}
    ${coming && item.pending === 'sending' ? renderUploadActions(uploads) : nothing}
  </div>`
}

/** A file that is on no device of the user any more waits for ever: the user decides. */
function renderUploadActions(uploads: readonly Upload[]): unknown {
  const missing = uploads.filter(({ state }) => state === 'missing')
  return html`<div class="upload-actions">
    ${missing.map(
      ({ id, name }) =>
        html`<button
          class="cancel"
          data-action="choose-file"
          data-upload=${id}
          aria-label=${name === '' ? nothing : t('files.choose', { name })}
        >
          ${missing.length > 1 && name !== '' ? t('files.choose', { name }) : t('files.chooseAgain')}
        </button>`,
    )}
    <button class="cancel" data-action="discard">
      ${t(missing.length > 0 ? 'files.deleteMessage' : 'files.cancel')}
    </button>
  </div>`
}

function renderGallery(pictures: readonly File[], view: FilesView): unknown {
  const alone = pictures.length === 1
  return html`<div class=${galleryClass(pictures.length)}>
    ${pictures.map((file) => {
      if (file.previewPending) return renderPending(file, view.address(file.id), alone)
      const whole = file.moves && file.size <= maxAnimatedBytes
      // the small preview of a cropped one has too few pixels in its short side
      const size = alone && pictureSize(file).isCropped ? 'screen' : 'list'
      const address = view.address(file.id, whole ? undefined : size)
      return html`<button
        class="picture"
        data-action="view"
        data-file=${file.id}
        aria-label=${t('files.open', { name: file.name })}
        data-tip=${file.name}
      >
        ${renderPicture(file, address, alone)}
        ${file.moves && !whole ? html`<span class="moves">GIF</span>` : nothing}
      </button>`
    })}
  </div>`
}

/** Takes the room of a picture until the hub has made its preview, so that nothing moves then. */
function renderPending(file: File, address: string, alone: boolean): unknown {
  return html`<a
    class="picture pending"
    href=${address}
    download=${file.name}
    data-tip=${file.name}
    aria-label=${t('files.pending', { name: file.name })}
    >${renderPicture(file, emptyPicture(pictureSize(file)), alone)}<hb-icon name="image" .size=${22}></hb-icon
  ></a>`
}

function emptyPicture({ width, height }: { width: number; height: number }): string {
  return `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='${width}' height='${height}'/>`
}

function galleryClass(count: number): string {
  if (count === 1) return 'gallery alone'
  return count === 2 || count === 4 ? 'gallery two' : 'gallery three'
}

function renderPicture(file: File, address: string, alone: boolean): unknown {
  const { width, height, isCropped } = pictureSize(file)
  return html`<img
    class=${isCropped ? 'cropped' : nothing}
    src=${address}
    alt=${file.name}
    width=${alone ? width : nothing}
    height=${alone ? height : nothing}
    loading="lazy"
    decoding="async"
    draggable="false"
    @error=${keepFailedPicture}
  />`
}

function renderOther(file: File, view: FilesView): unknown {
  const kind = fileKindOf(file)
  if (kind === 'video' || kind === 'sound') {
    return html`<hb-media
      .file=${file}
      .address=${view.address(file.id)}
      .supportsRanges=${view.supportsRanges()}
    ></hb-media>`
  }
  return fileCard(file, view.address(file.id))
}
