import { css, html, LitElement, nothing } from 'lit'
import { t } from '../text/t.ts'
import { icons } from './icons.ts'
import { hueStyles } from './hues.ts'
import { faceOf, groupLetter, initials } from './initials.ts'
import { retryWhenBack } from './failed-pictures.ts'

/**
 * A user or a group as a picture, or as a coloured circle without one. It decorates a name: screen readers read only
 * the presence. Its size is `--avatar-size`, 2.25rem by default.
 */
export class HbAvatar extends LitElement {
  static override properties = {
    userId: { type: String, attribute: 'user-id' },
    joined: { attribute: false },
    name: { type: String },
    picture: { attribute: false },
    shown: { state: true },
    failed: { state: true },
    kind: { type: String, reflect: true },
    presence: { type: String, reflect: true },
  }
  /** The id of the user or group. */
  declare userId: string
  /** The number that gives the colour: of a user in the order of joining, of a group as dealt. */
  declare joined: number | undefined
  declare name: string
  /** Address of the picture, or ''. The circle shows until the picture is loaded, and if it cannot be. */
  declare picture: string
  declare shown: string
  declare failed: string
  /** `people`: several users without a name for their chat; `notes`: the user's own. */
  declare kind: 'user' | 'group' | 'private' | 'people' | 'notes'
  declare presence: 'active' | 'idle' | 'offline' | undefined

  static override styles = [
    hueStyles,
    css`
      :host {
        --size: var(--avatar-size, 2.25rem);
        display: inline-block;
        flex: none;
        inline-size: var(--size);
        block-size: var(--size);
        user-select: none;
        -webkit-user-select: none;
      }
      .round {
        display: flex;
        align-items: center;
        justify-content: center;
        inline-size: 100%;
        block-size: 100%;
        border-radius: var(--radius-pill);
        background: var(--hue-tint);
        color: var(--on-hue-tint);
        font-family: var(--font-sans);
        font-size: calc(var(--size) * 0.37);
        font-weight: 600;
        line-height: 1;
        letter-spacing: 0.01em;
      }
      /* Only where something is on top: each positioned box is a layer, and a list of messages has a hundred faces. */
      :host([presence]),
      :host([kind='private']),
      .pictured {
        position: relative;
      }
      :host([kind='group']) .round,
      :host([kind='private']) .round,
      :host([kind='people']) .round {
        border-radius: calc(var(--size) * 0.28);
      }
      .round {
        box-shadow: var(--hue-ring, none);
      }
      img {
        position: absolute;
        inset: 0;
        inline-size: 100%;
        block-size: 100%;
        object-fit: cover;
        border-radius: inherit;
        opacity: 0;
      }
      img[data-shown] {
        opacity: 1;
      }
      .letter {
        font-size: calc(var(--size) * 0.46);
      }
      /* the lock of a private group, where people have their presence */
      .lock {
        position: absolute;
        inset-block-end: -2px;
        inset-inline-end: -2px;
        display: flex;
        align-items: center;
        justify-content: center;
        inline-size: max(0.75rem, calc(var(--size) * 0.4));
        block-size: max(0.75rem, calc(var(--size) * 0.4));
        border-radius: var(--radius-pill);
        background: var(--avatar-ring, var(--color-surface));
        color: var(--color-text-muted);
      }
      svg {
        inline-size: 50%;
        block-size: 50%;
        fill: none;
        stroke: currentColor;
        stroke-width: 1.75;
        stroke-linecap: round;
        stroke-linejoin: round;
      }
      .dot {
        position: absolute;
        inset-block-end: -1px;
        inset-inline-end: -1px;
        inline-size: clamp(0.5625rem, calc(var(--size) * 0.3), 0.875rem);
        block-size: clamp(0.5625rem, calc(var(--size) * 0.3), 0.875rem);
        border-radius: var(--radius-pill);
        /* the ring is the surface behind, so the dot reads on any row */
        border: 2px solid var(--avatar-ring, var(--color-surface));
        background: var(--color-online);
      }
      :host([presence='idle']) .dot {
        background: var(--avatar-ring, var(--color-surface));
        box-shadow: inset 0 0 0 2px var(--color-attention-mark);
      }
      .lock svg {
        inline-size: 66%;
        block-size: 66%;
        stroke-width: 2.5;
      }
      .visually-hidden {
        position: absolute;
        inline-size: 1px;
        block-size: 1px;
        overflow: hidden;
        clip-path: inset(50%);
        white-space: nowrap;
      }
      @media (forced-colors: active) {
        .round {
          border: 1px solid CanvasText;
        }
        /* online is filled, idle a ring: not by colour alone */
        .dot {
          forced-color-adjust: none;
          border-color: Canvas;
          background: Highlight;
        }
        :host([presence='idle']) .dot {
          background: Canvas;
          box-shadow: inset 0 0 0 2px CanvasText;
        }
        .lock {
          forced-color-adjust: none;
          background: Canvas;
          color: CanvasText;
        }
      }
    `,
  ]

  constructor() {
    super()
    this.userId = ''
    this.joined = undefined
    this.name = ''
    this.picture = ''
    this.shown = ''
    this.failed = ''
    this.kind = 'user'
    this.presence = undefined
  }

  /** Complete at once: a list that lays out its rows would otherwise do it twice. */
  override connectedCallback(): void {
    super.connectedCallback()
    this.performUpdate()
  }

  override render() {
    const pictured = this.picture ? 'pictured' : ''
    return html`
      <div class="round ${pictured} ${faceOf(this.userId, this.joined)}" aria-hidden="true">
        ${this.#renderInitials()}${this.#renderPicture()}
      </div>
      ${this.#renderPresenceDot()} ${this.#renderLock()}
    `
  }

  #renderInitials() {
    if (this.kind === 'user') return initials(this.name)
    if (this.kind === 'people') return html`<svg viewBox="0 0 24 24">${icons.users}</svg>`
    if (this.kind === 'notes') return html`<svg viewBox="0 0 24 24">${icons.bookmark}</svg>`
    const letter = groupLetter(this.name)
    return letter
      ? html`<span class="letter">${letter}</span>`
      : html`<svg viewBox="0 0 24 24">${icons.hash}</svg>`
  }

  #renderLock() {
    if (this.kind !== 'private') return nothing
    return html`<span class="lock" aria-hidden="true"><svg viewBox="0 0 24 24">${icons.lock}</svg></span>`
  }

  #renderPicture() {
    const { picture } = this
    if (!picture || picture === this.failed) return nothing
    return html`<img
      alt=""
      decoding="async"
      draggable="false"
      src=${picture}
      ?data-shown=${picture === this.shown}
      @load=${() => (this.shown = picture)}
      @error=${() => this.#onError(picture)}
    />`
  }

  #onError(picture: string): void {
    this.failed = picture
    retryWhenBack(() => {
      if (this.failed === picture) this.failed = ''
    })
  }

  #renderPresenceDot() {
    if (this.presence !== 'active' && this.presence !== 'idle') return nothing
    return html`<span class="dot"></span
      ><span class="visually-hidden">${t(`presence.${this.presence}`)}</span>`
  }
}

customElements.define('hb-avatar', HbAvatar)

declare global {
  interface HTMLElementTagNameMap {
    'hb-avatar': HbAvatar
  }
}
