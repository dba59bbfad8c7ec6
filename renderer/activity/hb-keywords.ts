import { css, html, LitElement, noChange } from 'lit'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import { formValues } from '../ui/form.ts'
import '../ui/hb-field.ts'
import { notify } from '../ui/hb-toasts.ts'

/** The words the user watches, the same on every device. Emits `hb-close` once they are saved. */
export class HbKeywords extends SignalWatcher(LitElement) {
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true }
  static override properties = { hub: { attribute: false }, problem: { state: true } }
  declare hub: Hub
  declare problem: string
  /** The user has typed: settings that arrive now, at first or from another device, must not replace it. */
  #isTyped = false

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      form {
        display: grid;
        gap: var(--space-3);
        justify-items: start;
      }
      hb-field {
        inline-size: 100%;
      }
    `,
  ]

  constructor() {
    super()
    this.problem = ''
  }

  protected override render(): unknown {
    const { keywords = [] } = this.hub.session.settings.value
    return html`<form novalidate @submit=${this.#submit} @input=${() => (this.#isTyped = true)}>
      <hb-field
        name="keywords"
        .label=${t('keywords.title')}
        .hint=${t('keywords.hint')}
        .placeholder=${t('keywords.example')}
        .value=${this.#isTyped ? noChange : keywords.join(', ')}
        .error=${this.problem}
      ></hb-field>
      <button class="button small" type="submit">${t('keywords.save')}</button>
    </form>`
  }

  #submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const { keywords = '' } = formValues(event.target as HTMLFormElement)
    void this.#save(splitKeywords(keywords))
  }

  async #save(keywords: string[]): Promise<void> {
    try {
      await this.hub.request('me.update', { settings: { keywords } })
      this.problem = ''
      this.#isTyped = false
      notify(this, { text: t('keywords.saved') })
      this.dispatchEvent(new CustomEvent('hb-close'))
    } catch (error) {
      this.problem = errorMessage(error)
    }
  }
}

/** The commas of all scripts separate. */
function splitKeywords(typed: string): string[] {
  return typed
    .split(/[,،、，;\n]/u)
    .map((word) => word.trim())
    .filter(Boolean)
}

customElements.define('hb-keywords', HbKeywords)

declare global {
  interface HTMLElementTagNameMap {
    'hb-keywords': HbKeywords
  }
}
