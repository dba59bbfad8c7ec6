import { css, html, LitElement, nothing } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import '../ui/hb-icon.ts'
import { renderProblem } from '../ui/form.ts'
import { holdPage } from '../navigation/leaving.ts'
import { renderSteps } from './auth-parts.ts'
import { authStyles } from './auth-styles.ts'

/** The recovery key, shown once. Emits `hb-done` when the user has confirmed that it is stored. */
export class HbRecoveryKey extends LitElement {
  static override properties = {
    recoveryKey: { attribute: false },
    hubName: { attribute: false },
    username: { attribute: false },
    step: { type: Number },
    steps: { type: Number },
    busy: { type: Boolean },
    error: { type: String },
    lead: { type: String },
    action: { type: String },
    copied: { state: true },
    problem: { state: true },
  }
  declare recoveryKey: string
  declare hubName: string
  declare username: string
  declare step: number
  declare steps: number
  declare busy: boolean
  declare error: string
  /** Other texts than for a new account: above the key, and on the button. */
  declare lead: string
  declare action: string
  declare copied: boolean
  declare problem: string

  static override styles = [
    baseStyles,
    buttonStyles,
    authStyles,
    css`
      :host {
        min-block-size: 0;
        background: none;
      }
      .key {
        margin-block-start: var(--space-6);
        padding: var(--space-5) var(--space-4);
        border: 1px solid var(--color-border);
        border-radius: var(--radius-card);
        background: var(--color-surface-raised);
        font: 500 1.0625rem/1.75rem var(--font-mono);
        letter-spacing: 0.04em;
        user-select: all;
        -webkit-user-select: all;
      }
      /* two rows of four groups, down to the narrowest window */
      .groups {
        display: grid;
        grid-template-columns: repeat(4, auto);
        justify-content: center;
        gap: var(--space-1) clamp(var(--space-2), 4vw, var(--space-6));
      }
      .dash {
        position: absolute;
        opacity: 0;
      }
      .ways {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
        margin-block-start: var(--space-3);
      }
      .ways .button {
        flex: 1 1 auto;
      }
      label {
        display: flex;
        align-items: flex-start;
        gap: 10px;
        cursor: pointer;
      }
      input {
        inline-size: 1.125rem;
        block-size: 1.125rem;
        margin: 0.125rem 0;
        accent-color: var(--color-accent-fill);
      }
      @media print {
        .ways,
        form,
        .steps,
        .lead {
          display: none;
        }
      }
    `,
  ]

  #release = () => {}

  constructor() {
    super()
    this.recoveryKey = ''
    this.hubName = ''
    this.username = ''
    this.step = 1
    this.steps = 1
    this.busy = false
    this.error = ''
    this.lead = ''
    this.action = ''
    this.copied = false
    this.problem = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#release = holdPage()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#release()
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('h1')?.focus()
  }

  override render() {
    const words = t('recoveryKey.file', { user: this.username, hub: this.hubName })
    return html`
      ${this.steps > 0 ? renderSteps(this.step, this.steps) : nothing}
      <h1 tabindex="-1">${t('recoveryKey.title')}</h1>
      <p class="lead">${this.lead || t('recoveryKey.lead')}</p>
      <p class="visually-hidden">${words}</p>
      <div
        class="key"
        role="group"
        aria-label=${t('recoveryKey.label')}
        dir="ltr"
        data-testid="recovery-key"
        @copy=${this.#onCopy}
      >
        ${this.#renderGroups()}
      </div>
      <div class="ways">
        <button class="button" type="button" @click=${() => void this.#copy()}>
          <hb-icon name=${this.copied ? 'check' : 'copy'}></hb-icon>${
            this.copied ? t('common.copied') : t('recoveryKey.copy')
          }
        </button>
        <button class="button" type="button" @click=${this.#save}>
          <hb-icon name="download"></hb-icon>${t('recoveryKey.save')}
        </button>
        <button class="button" type="button" @click=${() => print()}>
          <hb-icon name="print"></hb-icon>${t('recoveryKey.print')}
        </button>
      </div>
      <form novalidate @submit=${this.#onSubmit}>
        <label>
          <input
            type="checkbox"
            name="kept"
            @change=${() => {
              this.problem = ''
            }}
          />
          <span>${t('recoveryKey.kept')}</span>
        </label>
        ${renderProblem(this.problem || this.error)}
        <div class="actions">
          <button class="button primary wide" type="submit" aria-disabled=${this.busy}>
            ${this.busy ? t('recoveryKey.busy') : this.action || t('recoveryKey.action', { hub: this.hubName })}
          </button>
        </div>
      </form>
    `
  }

  /** The dashes are there for those who hear or copy the key; to the eye, the columns set the groups apart. */
  #renderGroups() {
    const groups = this.recoveryKey.split('-')
    return html`<div class="groups">
      ${groups.map(
        (group, index) =>
          html`<span
            >${group}${index < groups.length - 1 ? html`<span class="dash">-</span>` : nothing}</span
          >`,
      )}
    </div>`
  }

  /** The rows of the grid would become lines. */
  #onCopy = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', this.recoveryKey)
    event.preventDefault()
  }

  async #copy() {
    this.copied = await copyText(this.recoveryKey)
    this.problem = this.copied ? '' : t('recoveryKey.copyFailed')
  }

  #save = () => {
    const words = `${t('recoveryKey.file', { user: this.username, hub: this.hubName })}\n\n${this.recoveryKey}\n`
    const address = URL.createObjectURL(new Blob([words], { type: 'text/plain' }))
    const link = document.createElement('a')
    link.href = address
    link.download = 'hubbub-recovery-key.txt'
    link.click()
    // Some browsers save nothing if it is revoked at once.
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
  }

  #onSubmit = (event: SubmitEvent) => {
    event.preventDefault()
    const { checked } = this.renderRoot.querySelector('input') as HTMLInputElement
    this.problem = checked ? '' : t('recoveryKey.needKept')
    if (!checked || this.busy) return
    this.#release()
    this.dispatchEvent(new CustomEvent('hb-done'))
  }
}

customElements.define('hb-recovery-key', HbRecoveryKey)
