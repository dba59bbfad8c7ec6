import { css, html, LitElement, nothing } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-crop.ts'

/** New bytes, no picture, or no change. */
export type PictureChange = Uint8Array | 'remove' | undefined

/** The picture of a group in its dialog: choose, preview, remove. Emits `hb-change` (`detail`: PictureChange). */
export class HbGroupPicture extends LitElement {
  static override properties = {
    groupName: { attribute: false },
    groupId: { attribute: false },
    face: { attribute: false },
    kind: { attribute: false },
    currentPicture: { attribute: false },
    problem: { attribute: false },
    preview: { state: true },
    removed: { state: true },
    file: { state: true },
  }
  /** The id that gives the colour while there is no picture. */
  declare groupId: string
  /** See `GroupFaces`. */
  declare face: number | undefined
  /** Its first letter is the picture while there is none. */
  declare groupName: string
  declare kind: 'group' | 'private'
  /** The address of the current picture, or ''. */
  declare currentPicture: string
  /** The hub's message if it refused the picture. */
  declare problem: string
  declare preview: string
  declare removed: boolean
  /** The chosen file, while it is cropped. */
  declare file: File | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        --avatar-size: 4rem;
        display: flex;
        align-items: center;
        gap: var(--space-4);
      }
      .words {
        flex: 1;
        min-inline-size: 0;
      }
      .label {
        display: block;
        margin-block-end: var(--space-1);
        font: var(--type-label);
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      .problem {
        margin-block-start: var(--space-1);
        color: var(--color-danger);
        font: var(--type-secondary);
      }
    `,
  ]

  constructor() {
    super()
    this.groupId = ''
    this.face = undefined
    this.groupName = ''
    this.kind = 'group'
    this.currentPicture = ''
    this.problem = ''
    this.preview = ''
    this.removed = false
    this.file = undefined
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#revokePreview()
  }

  protected override render(): unknown {
    const picture = this.preview || (this.removed ? '' : this.currentPicture)
    return html`
      <hb-avatar
        .userId=${this.groupId}
        .joined=${this.face}
        .name=${this.groupName}
        .kind=${this.kind}
        .picture=${picture}
      ></hb-avatar>
      <div class="words">
        <span class="label" id="label">${t('group.picture')}</span>
        <div class="buttons">
          <button
            class="button small"
            type="button"
            aria-describedby="label problem"
            @click=${this.#openFilePicker}
          >
            ${picture ? t('group.pictureOther') : t('group.pictureChoose')}
          </button>
          ${
            picture
              ? html`<button class="button small quiet" type="button" @click=${this.#remove}>
                  ${t('group.pictureRemove')}
                </button>`
              : nothing
          }
        </div>
        <p class="problem" id="problem" role="alert" ?hidden=${!this.problem}>${this.problem}</p>
      </div>
      <input
        type="file"
        hidden
        accept="image/png,image/jpeg,image/webp,image/gif,image/avif"
        aria-label=${t('group.picture')}
        @change=${this.#onFile}
      />
      ${
        this.file
          ? html`<hb-crop
              .file=${this.file}
              .heading=${t('group.picture')}
              @hb-cropped=${this.#onCropped}
              @hb-close=${() => (this.file = undefined)}
            ></hb-crop>`
          : nothing
      }
    `
  }

  #openFilePicker = (): void => {
    this.renderRoot.querySelector('input')?.click()
  }

  #onFile = (event: Event): void => {
    const input = event.target as HTMLInputElement
    this.file = input.files?.[0]
    // So that choosing the same file again is a change too.
    input.value = ''
  }

  #onCropped = (event: CustomEvent<Uint8Array<ArrayBuffer>>): void => {
    this.#revokePreview()
    this.preview = URL.createObjectURL(new Blob([event.detail]))
    this.file = undefined
    this.problem = ''
    this.removed = false
    this.#emitChange(event.detail)
    this.renderRoot.querySelector('button')?.focus()
  }

  #remove = (): void => {
    this.#revokePreview()
    this.problem = ''
    this.removed = true
    this.#emitChange(this.currentPicture ? 'remove' : undefined)
  }

  #revokePreview(): void {
    if (this.preview) URL.revokeObjectURL(this.preview)
    this.preview = ''
  }

  #emitChange(detail: PictureChange): void {
    this.dispatchEvent(new CustomEvent('hb-change', { detail, bubbles: true }))
  }
}

customElements.define('hb-group-picture', HbGroupPicture)

declare global {
  interface HTMLElementTagNameMap {
    'hb-group-picture': HbGroupPicture
  }
}
