import { css, html, LitElement, nothing } from 'lit'
import type { Upload } from '../state/upload.ts'
import type { Uploads } from '../state/uploads.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { bytesText } from '../text/bytes.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { fileName, fileNameStyles } from './file-name.ts'
import { fileIconOf } from './file-display.ts'
import { uploadStatusText } from './hb-upload.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { progressStyles } from '../ui/progress-styles.ts'

/** The attachments of the draft: each with a picture or icon, its progress and a button to remove it. */
export class HbAttachmentTray extends SignalWatcher(LitElement) {
  static override properties = {
    uploads: { attribute: false },
    chatId: { attribute: false },
    thread: { attribute: false },
    problem: { state: true },
  }
  static override styles = [
    baseStyles,
    fileNameStyles,
    progressStyles,
    css`
      :host {
        display: block;
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
        max-block-size: 11rem;
        overflow-y: auto;
        margin: 0;
        padding: var(--space-2) var(--space-2) var(--space-1);
        list-style: none;
      }
      li {
        position: relative;
        display: flex;
        align-items: center;
        gap: var(--space-2);
        box-sizing: border-box;
        inline-size: 14rem;
        max-inline-size: 100%;
        min-block-size: 3.25rem;
        padding-inline-end: var(--space-1);
        border: 1px solid var(--color-border);
        border-radius: var(--radius-control);
        background: var(--color-surface);
        overflow: hidden;
      }
      li.failed,
      li.missing {
        border-color: var(--color-danger);
      }
      .thumb {
        flex: none;
        align-self: stretch;
        position: relative;
        display: grid;
        place-items: center;
        inline-size: 3.25rem;
        background: var(--color-button);
        color: var(--color-text-muted);
      }
      .thumb img {
        position: absolute;
        inline-size: 100%;
        block-size: 100%;
        object-fit: cover;
      }
      .what {
        flex: 1;
        min-inline-size: 0;
        display: flex;
        flex-direction: column;
      }
      .words {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .file-name {
        font: var(--type-secondary);
        font-weight: 500;
      }
      .words {
        font: var(--type-meta);
        color: var(--color-text-muted);
        font-variant-numeric: tabular-nums;
      }
      .failed .words,
      .missing .words {
        color: var(--color-danger);
        white-space: normal;
      }
      li.failed,
      li.missing {
        inline-size: 18rem;
      }
      progress {
        position: absolute;
        inset: auto 0 0;
        border-radius: 0;
        background: transparent;
      }
      button,
      label {
        all: unset;
        flex: none;
        display: grid;
        place-items: center;
        inline-size: 1.75rem;
        block-size: 1.75rem;
        border-radius: var(--radius-control);
        color: var(--color-text-muted);
        cursor: pointer;
      }
      button:hover,
      label:hover {
        background: var(--color-surface-hover);
        color: var(--color-text);
      }
      button:focus-visible,
      label:focus-within {
        outline: 2px solid var(--color-focus);
        outline-offset: -2px;
      }
      .problem {
        margin: 0;
        padding: 0 var(--space-2) var(--space-1);
        color: var(--color-danger);
        font: var(--type-meta);
      }
    `,
  ]

  declare uploads: Uploads
  declare chatId: string
  declare thread: string | undefined
  declare problem: string | undefined

  constructor() {
    super()
    this.problem = undefined
  }

  protected override render(): unknown {
    const tray = this.uploads.attachmentsOf(this.chatId, this.thread)
    if (tray.length === 0) return nothing
    return html`
      <ul aria-label=${t('files.tray')}>
        ${keyedList(
          tray,
          ({ id }) => id,
          (upload) => this.#renderUpload(upload),
        )}
      </ul>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
    `
  }

  #renderUpload(upload: Upload): unknown {
    const { id, name, state, sent, size, type } = upload
    const url = type.startsWith('image/') && upload.width !== undefined ? this.uploads.urlOf(id) : undefined
    const words = state === 'done' ? t('files.ready', { size: bytesText(size) }) : uploadStatusText(upload)
    return html`<li
      class=${state}
      aria-label=${`${name}, ${words}`}
      data-tip=${state === 'failed' ? words : name}
    >
      <span class="thumb">
        ${url ? html`<img src=${url} alt="" />` : html`<hb-icon name=${fileIconOf(name)} .size=${22}></hb-icon>`}
      </span>
      <span class="what">${fileName(name)}<span class="words">${words}</span></span>
      ${
        state === 'failed'
          ? html`<button
              aria-label=${t('files.retry', { name })}
              data-tip=${t('files.retry', { name })}
              @click=${() => this.uploads.retry(id)}
            >
              <hb-icon name="retry" .size=${16}></hb-icon>
            </button>`
          : nothing
      }
      ${
        state === 'missing'
          ? html`<button
                aria-label=${t('files.choose', { name })}
                data-tip=${t('files.choose', { name })}
                @click=${(event: Event) => void this.#reopenFile(id, event)}
              >
                <hb-icon name="attach" .size=${16}></hb-icon></button
              ><input
                type="file"
                hidden
                tabindex="-1"
                @change=${(event: Event) => this.#onFileChosen(id, event)}
              />`
          : nothing
      }
      <button
        aria-label=${t('files.remove', { name })}
        data-tip=${t('files.remove', { name })}
        @click=${() => this.#remove(id)}
      >
        <hb-icon name="close" .size=${16}></hb-icon>
      </button>
      ${state === 'sending' ? html`<progress max=${Math.max(1, size)} .value=${sent} aria-label=${name}></progress>` : nothing}
    </li>`
  }

  #remove(id: string): void {
    this.problem = undefined
    this.uploads.cancel(id)
    this.dispatchEvent(new CustomEvent('hb-attachment-tray'))
  }

  async #reopenFile(id: string, event: Event): Promise<void> {
    const input = (event.currentTarget as HTMLElement).parentElement?.querySelector('input')
    if (!(await this.uploads.reopenFile(id))) input?.click()
  }

  #onFileChosen(id: string, event: Event): void {
    const content = (event.target as HTMLInputElement).files?.[0]
    if (content) this.problem = this.uploads.replaceFile(id, content) ? undefined : t('files.another')
  }
}

customElements.define('hb-attachment-tray', HbAttachmentTray)

declare global {
  interface HTMLElementTagNameMap {
    'hb-attachment-tray': HbAttachmentTray
  }
}
