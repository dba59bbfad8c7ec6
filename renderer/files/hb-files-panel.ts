import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { Output } from '../../shared/contract.ts'
import { bytesText } from '../text/bytes.ts'
import { openChat } from '../navigation/dialogs.ts'
import { isRequestError } from '../connection/request.ts'
import { closePanelButton } from '../navigation/close-panel-button.ts'
import '../search/hb-links.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { exactTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { panelStyles } from '../ui/panel-styles.ts'
import { fileName, fileNameStyles } from './file-name.ts'
import { fileIconOf, fileKindOf } from './file-display.ts'
import { keepFailedPicture } from '../ui/failed-pictures.ts'

type FoundFile = Output<'files.list'>['files'][number]

/** A file may be in several messages. */
const keyOf = ({ seq, file }: FoundFile): string => `${seq}/${file.id}`

const fileTabs = ['media', 'other', 'links'] as const
type FileTab = (typeof fileTabs)[number]

/**
 * The files and links of a chat, the newest first: pictures and videos, other files, links. Each leads to its
 * message. A panel (`app/side-panel-registry.ts`).
 */
export class HbFilesPanel extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    kind: { state: true },
    files: { state: true },
    hasMore: { state: true },
    failed: { state: true },
  }
  static override styles = [
    baseStyles,
    buttonStyles,
    panelStyles,
    fileNameStyles,
    css`
      .kinds {
        display: flex;
        gap: var(--space-1);
        padding: var(--space-2) var(--space-1);
      }
      .kinds button {
        all: unset;
        padding: 4px var(--space-3);
        border-radius: var(--radius-pill);
        color: var(--color-text-muted);
        font: var(--type-label);
        cursor: pointer;
      }
      .kinds button[aria-selected='true'] {
        background: var(--color-surface-selected);
        color: var(--color-text);
      }
      .kinds button:focus-visible,
      .pictures button:focus-visible,
      .row a:focus-visible,
      .row button:focus-visible {
        outline: 2px solid var(--color-focus);
        outline-offset: 1px;
      }
      .scroll {
        overflow-y: auto;
        padding: 0 var(--space-2) var(--space-3);
      }
      .pictures {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: var(--space-1);
        padding-inline: var(--space-2);
      }
      .pictures button {
        all: unset;
        position: relative;
        aspect-ratio: 1;
        border-radius: var(--radius-control);
        overflow: hidden;
        background: var(--color-button);
        cursor: pointer;
      }
      .pictures img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: cover;
      }
      .pictures span {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        color: var(--color-text-muted);
      }
      .row {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        padding: var(--space-2);
        border-radius: var(--radius-control);
      }
      .row:hover {
        background: var(--color-surface-hover);
      }
      .row > hb-icon {
        flex: none;
        color: var(--color-text-muted);
      }
      .row .what {
        all: unset;
        flex: 1;
        min-inline-size: 0;
        display: flex;
        flex-direction: column;
        cursor: pointer;
      }
      .about {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .file-name {
        font: var(--type-body);
      }
      .about {
        color: var(--color-text-muted);
        font: var(--type-meta);
      }
      .older {
        margin: var(--space-3) auto 0;
        display: flex;
      }
    `,
  ]

  declare hub: Hub
  declare chatId: string
  declare kind: FileTab
  declare files: readonly FoundFile[] | undefined
  declare hasMore: boolean
  declare failed: boolean

  /** The revision that the list was requested for, and below it the number of the request whose response counts. */
  #loadedRevision = 0
  #requestNo = 0

  constructor() {
    super()
    this.kind = 'media'
    this.files = undefined
    this.hasMore = false
    this.failed = false
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isBack = this.failed && this.hub.connectionState.value === 'live'
    const isAnother = changed.has('chatId') || changed.has('kind') || isBack
    const touched = this.hub.chatRevisions.revisionOf(this.chatId)
    if (!isAnother && touched === this.#loadedRevision) return
    this.#loadedRevision = touched
    if (isAnother) this.files = undefined
    this.failed = false
    if (this.kind !== 'links') void this.#load(this.kind, 'newest')
  }

  protected override render(): unknown {
    return html`
      <div class="bar">
        <h2>${t('filesPanel.title')}</h2>
        ${closePanelButton(this)}
      </div>
      <div class="kinds" role="tablist" aria-label=${t('filesPanel.title')} @keydown=${this.#onTabKey}>
        ${fileTabs.map(
          (kind) =>
            html`<button
              role="tab"
              aria-selected=${this.kind === kind ? 'true' : 'false'}
              tabindex=${this.kind === kind ? 0 : -1}
              @click=${() => (this.kind = kind)}
            >
              ${t(`filesPanel.${kind}`)}
            </button>`,
        )}
      </div>
      <div class="scroll" role="tabpanel">${this.#renderContent()}</div>
    `
  }

  #renderContent(): unknown {
    const { files: found, kind } = this
    if (kind === 'links') return html`<hb-links .hub=${this.hub} .chatId=${this.chatId}></hb-links>`
    if (this.failed)
      return html`<hb-empty-state small drawing="offline" .text=${t('filesPanel.offline')}></hb-empty-state>`
    if (!found) return nothing
    if (found.length === 0)
      return html`<hb-empty-state
        small
        drawing="file"
        .text=${t(`filesPanel.none.${kind}`)}
      ></hb-empty-state>`
    return html`
      ${
        kind === 'media'
          ? html`<div class="pictures">${keyedList(found, keyOf, (one) => this.#renderPicture(one))}</div>`
          : keyedList(found, keyOf, (one) => this.#renderFile(one))
      }
      ${
        this.hasMore
          ? html`<button class="button small older" @click=${() => void this.#load(kind, 'older')}>
              ${t('filesPanel.older')}
            </button>`
          : nothing
      }
    `
  }

  #renderPicture(one: FoundFile): unknown {
    const { file } = one
    const words = `${file.name}, ${this.#fileInfo(one)}`
    return html`<button data-tip=${words} aria-label=${words} @click=${() => this.#openMessage(one)}>
      ${
        fileKindOf(file) === 'picture' && file.preview
          ? html`<img
              src=${this.hub.fileAddress(file.id, 'list')}
              alt=""
              loading="lazy"
              decoding="async"
              @error=${keepFailedPicture}
            />`
          : html`<span
              ><hb-icon name=${file.type.startsWith('video/') ? 'play' : 'image'} .size=${22}></hb-icon
            ></span>`
      }
    </button>`
  }

  #renderFile(one: FoundFile): unknown {
    const { file } = one
    return html`<div class="row">
      <hb-icon name=${fileIconOf(file.name)} .size=${20}></hb-icon>
      <button class="what" @click=${() => this.#openMessage(one)}>
        ${fileName(file.name)}<span class="about"
          >${bytesText(file.size)}, <bdi>${this.#fileInfo(one)}</bdi></span
        >
      </button>
      <a
        class="icon-button"
        href=${this.hub.fileAddress(file.id)}
        download=${file.name}
        aria-label=${t('files.download', { name: file.name })}
        data-tip=${t('files.downloadShort')}
        ><hb-icon name="download" .size=${16}></hb-icon
      ></a>
    </div>`
  }

  #fileInfo({ author, at }: FoundFile): string {
    return t('filesPanel.about', { name: this.hub.users.nameOf(author), time: exactTime(at) })
  }

  #openMessage({ no }: FoundFile): void {
    openChat(this, this.chatId, { no })
  }

  /** `newest`: the first page as it is now. */
  async #load(kind: Exclude<FileTab, 'links'>, which: 'newest' | 'older'): Promise<void> {
    const { chatId } = this
    const shown = which === 'older' ? (this.files ?? []) : []
    const before = shown.at(-1)?.seq
    const asked = ++this.#requestNo
    try {
      const { files, more } = await this.hub.request('files.list', {
        chatId,
        kind,
        ...(before === undefined ? {} : { before }),
      })
      if (asked !== this.#requestNo) return
      this.files = [...shown, ...files]
      this.hasMore = more
    } catch (error) {
      if (!isRequestError(error)) throw error
      if (asked === this.#requestNo) this.failed = true
    }
  }

  #onTabKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    event.preventDefault()
    const by = event.key === 'ArrowRight' ? 1 : fileTabs.length - 1
    this.kind = fileTabs[(fileTabs.indexOf(this.kind) + by) % fileTabs.length] as FileTab
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[aria-selected="true"]')?.focus(),
    )
  }
}

customElements.define('hb-files-panel', HbFilesPanel)

declare global {
  interface HTMLElementTagNameMap {
    'hb-files-panel': HbFilesPanel
  }
}
