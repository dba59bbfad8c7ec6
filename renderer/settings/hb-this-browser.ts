import { html, LitElement, nothing } from 'lit'
import { canInstall, install, isInstalled } from '../offline/install.ts'
import { offlineState } from '../offline/page-version.ts'
import { SignalWatcher } from '../signals/signal.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { sectionStyles } from '../ui/section-styles.ts'

/** Whether this browser opens the page without the hub; where it cannot, the reason and what helps. */
export class HbThisBrowser extends SignalWatcher(LitElement) {
  static override properties = { hub: { attribute: false } }
  declare hub: Hub

  static override styles = [baseStyles, buttonStyles, sectionStyles]

  override render() {
    const state = offlineState.value
    if (state === 'unknown') return nothing
    return html`<section data-testid="this-browser">
      <header><h3>${t('browser.title')}</h3></header>
      <p class="muted-text">${this.#renderText(state)}</p>
      ${state === 'kept' && !isInstalled() ? this.#renderInstall() : nothing}
    </section>`
  }

  /** A browser that offers nothing has it in its own menu, and a user has to know where. */
  #renderInstall(): unknown {
    if (canInstall.value)
      return html`<p>
        <button class="button" @click=${() => void install()}>${t('browser.install')}</button>
      </p>`
    return html`<p class="muted-text">${t(isApple ? 'browser.installApple' : 'browser.installOther')}</p>`
  }

  #renderText(state: Exclude<typeof offlineState.value, 'unknown'>): unknown {
    const count = this.hub.keptChatCount
    if (state === 'kept') return count === 0 ? t('browser.keptNone') : t('browser.kept', { count })
    if (state === 'insecure')
      return html`${t('browser.insecure')} <a href=${`https://${location.host}/`}>${t('insecure.better')}</a>`
    if (state === 'untrusted')
      return html`${t('browser.untrusted')} <a href="/trust" target="_blank">${t('browser.trust')}</a>`
    return t('browser.unsupported')
  }
}

/** Tablets of Apple say that they are a Mac; no Mac has a touch screen. */
const isApple =
  /iPhone|iPad/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)

customElements.define('hb-this-browser', HbThisBrowser)

declare global {
  interface HTMLElementTagNameMap {
    'hb-this-browser': HbThisBrowser
  }
}
