import { css, html, LitElement, nothing } from 'lit'
import type { DiscoveryApi, HubsApi } from '../../shared/desktop.ts'
import { renderBack } from '../accounts/auth-parts.ts'
import { authStyles } from '../accounts/auth-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-logo.ts'
import type { IconName } from '../ui/icons.ts'
import './desktop-text.ts'
import './hb-found-hubs.ts'

export type WelcomeChoice = 'start' | 'join'

/** The first screen of the app: two ways to begin. Emits `hb-choose` with the chosen one, or `hb-choose-hub`. */
export class HbWelcome extends LitElement {
  static override properties = {
    hubs: { attribute: false },
    discovery: { attribute: false },
    canLeave: { type: Boolean },
  }
  declare hubs: HubsApi
  declare discovery: DiscoveryApi
  /** There is a hub to return to. */
  declare canLeave: boolean

  constructor() {
    super()
    this.canLeave = false
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    authStyles,
    css`
      .ways {
        display: flex;
        flex-direction: column;
        gap: var(--space-3);
        margin-block-start: var(--space-6);
      }
      .ways button {
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        gap: 2px var(--space-4);
        padding: var(--space-4);
        border: 1px solid var(--color-border-control);
        border-radius: var(--radius-card);
        background: var(--color-surface-raised);
        color: inherit;
        font: inherit;
        text-align: start;
        cursor: pointer;
        transition:
          background-color var(--motion-hover),
          border-color var(--motion-hover);
      }
      .ways button:hover {
        border-color: var(--color-accent);
      }
      .sign {
        display: grid;
        place-items: center;
        grid-row: span 2;
        inline-size: 40px;
        block-size: 40px;
        border-radius: var(--radius-pill);
        background: var(--color-accent-tint);
        color: var(--color-accent-text);
      }
      strong {
        font: var(--type-name);
      }
      .hint {
        grid-column: 2;
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      .on {
        grid-row: 1 / span 2;
        grid-column: 3;
        color: var(--color-text-muted);
      }
      hb-found-hubs {
        margin-block-start: var(--space-6);
      }
    `,
  ]

  override render() {
    return html`<main>
      <hb-logo></hb-logo>
      <h1>${t('welcome.title')}</h1>
      <p class="lead">${t('welcome.lead')}</p>
      <div class="ways">
        ${this.#renderChoice('join', 'enter', { label: t('welcome.join'), hint: t('welcome.joinHint') })}
        ${this.#renderChoice('start', 'system', { label: t('welcome.start'), hint: t('welcome.startHint') })}
      </div>
      <hb-found-hubs .hubs=${this.hubs} .discovery=${this.discovery}></hb-found-hubs>
      ${this.canLeave ? renderBack(() => this.dispatchEvent(new CustomEvent('hb-back'))) : nothing}
    </main>`
  }

  #renderChoice(choice: WelcomeChoice, icon: IconName, { label, hint }: { label: string; hint: string }) {
    return html`<button
      type="button"
      data-testid=${`welcome-${choice}`}
      @click=${() => this.dispatchEvent(new CustomEvent<WelcomeChoice>('hb-choose', { detail: choice }))}
    >
      <span class="sign"><hb-icon name=${icon} .size=${20}></hb-icon></span>
      <strong>${label}</strong>
      <span class="hint">${hint}</span>
      <hb-icon class="on" name="chevron-right"></hb-icon>
    </button>`
  }
}

customElements.define('hb-welcome', HbWelcome)

declare global {
  interface HTMLElementTagNameMap {
    'hb-welcome': HbWelcome
  }
}
