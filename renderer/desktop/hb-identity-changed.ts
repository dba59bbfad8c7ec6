import { css, html, LitElement, nothing } from 'lit'
import type { HubInfo } from '../../shared/desktop.ts'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import { authStyles } from '../accounts/auth-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import './desktop-text.ts'
import type { Desktop } from './desktop.ts'
import { confirmRemoveHub } from './remove-hub.ts'

/** Shown in place of a hub with another identity. Only the right hub leads on from here. */
export class HbIdentityChanged extends LitElement {
  static override properties = { desktop: { attribute: false }, info: { attribute: false } }
  declare desktop: Desktop
  declare info: HubInfo

  static override styles = [
    baseStyles,
    buttonStyles,
    authStyles,
    css`
      main {
        max-inline-size: calc(520px + 2 * var(--space-6));
      }
      .sign {
        inline-size: 44px;
        block-size: 44px;
        display: grid;
        place-items: center;
        margin-block-end: var(--space-5);
        border-radius: var(--radius-pill);
        background: var(--color-danger-tint);
        color: var(--color-danger);
        font: var(--type-heading);
      }
      dl {
        display: grid;
        gap: var(--space-3);
        margin-block: var(--space-5);
        padding: var(--space-4);
        border: 1px solid var(--color-border);
        border-radius: var(--radius-card);
        background: var(--color-surface);
      }
      dt {
        font: var(--type-label);
        color: var(--color-text-muted);
      }
      dd {
        margin: 2px 0 0;
        overflow-wrap: anywhere;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
        margin-block-start: var(--space-5);
      }
    `,
  ]

  override render() {
    const { info } = this
    const { name } = info
    const isChanged = info.state === 'changed'
    return html`<main>
      <span class="sign" aria-hidden="true">!</span>
      <h1 tabindex="-1">${isChanged ? t('changed.title', { name }) : t('refused.title', { name })}</h1>
      <p class="lead">${isChanged ? t('changed.text', { name }) : (info.problem ?? '')}</p>
      ${isChanged ? this.#renderIdentities() : nothing}
      <div class="buttons">
        <button
          class="button primary"
          type="button"
          @click=${() => void this.desktop.shell.hubs.retry(info.id)}
        >
          ${t('common.retry')}
        </button>
        <button class="button danger" type="button" @click=${() => void confirmRemoveHub(this.desktop, info)}>
          ${t('changed.remove', { name })}
        </button>
      </div>
    </main>`
  }

  #renderIdentities() {
    const { id, presented } = this.info
    return html`<dl>
        <div>
          <dt>${t('changed.known')}</dt>
          <dd>${fingerprintWords(id).join(' ')}</dd>
        </div>
        <div>
          <dt>${t('changed.presented')}</dt>
          <dd>${presented === undefined ? t('changed.unknown') : fingerprintWords(presented).join(' ')}</dd>
        </div>
      </dl>
      <p>${t('changed.harmless')}</p>
      <p class="lead">${t('changed.what')}</p>`
  }
}

customElements.define('hb-identity-changed', HbIdentityChanged)

declare global {
  interface HTMLElementTagNameMap {
    'hb-identity-changed': HbIdentityChanged
  }
}
