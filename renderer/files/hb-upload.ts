import { css, html, LitElement, nothing } from 'lit'
import { isLost, type Upload } from '../state/upload.ts'
import { bytesText } from '../text/bytes.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { fileIconOf } from './file-display.ts'
import { fileName } from './file-name.ts'
import { fileCardStyles } from './files-styles.ts'
import { progressStyles } from '../ui/progress-styles.ts'

/** The progress of an upload: a card with the name, a bar and text. */
export class HbUpload extends LitElement {
  static override properties = { upload: { attribute: false } }
  static override styles = [
    baseStyles,
    fileCardStyles,
    progressStyles,
    css`
      :host {
        display: block;
        inline-size: 22.5rem;
      }
      progress {
        margin-block-start: 3px;
      }
      .failed {
        color: var(--color-danger);
        white-space: normal;
      }
    `,
  ]

  declare upload: Upload

  protected override render(): unknown {
    const { upload } = this
    const isMissing = upload.state === 'missing'
    return html`<div class="card">
      <hb-icon
        name=${upload.type.startsWith('image/') ? 'image' : fileIconOf(upload.name)}
        .size=${22}
      ></hb-icon>
      <span class="what">
        ${isLost(upload) ? t('files.unknown') : fileName(upload.name)}
        <span class="size ${upload.state === 'failed' || isMissing ? 'failed' : ''}"
          >${isMissing ? t('files.missingInMessage') : uploadStatusText(upload)}</span
        >
        ${
          upload.state === 'sending' || upload.state === 'waiting'
            ? html`<progress
                max=${Math.max(1, upload.size)}
                .value=${upload.sent}
                aria-label=${upload.name}
              ></progress>`
            : nothing
        }
      </span>
    </div>`
  }
}

export function uploadStatusText({ state, sent, size, reason }: Upload): string {
  switch (state) {
    case 'done':
      return bytesText(size)
    case 'failed':
      return reason ?? ''
    case 'missing':
      return t('files.missing')
    case 'waiting':
      return sent > 0 ? progressText(sent, size) : t('files.waiting')
    case 'sending':
      return sent >= size && size > 0 ? t('files.finishing') : progressText(sent, size)
  }
}

function progressText(sent: number, size: number): string {
  return t('files.progress', { percent: Math.floor((sent / Math.max(1, size)) * 100), size: bytesText(size) })
}

customElements.define('hb-upload', HbUpload)

declare global {
  interface HTMLElementTagNameMap {
    'hb-upload': HbUpload
  }
}
