import { css, html, LitElement, nothing } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import '../app/hb-app.ts'
import { SignalWatcher } from '../state/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import type { Desktop, DesktopHub } from './desktop.ts'
import './hb-rail.ts'
import './hb-stopped.ts'

/** The root on the desktop: the hub in front, from the second one on with the rail beside it. */
export class HbDesktop extends SignalWatcher(LitElement) {
  static override properties = { desktop: { attribute: false } }
  declare desktop: Desktop

  static override styles = [
    baseStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        grid-template-rows: minmax(0, 1fr);
        block-size: 100%;
        background: var(--color-paper);
      }
      hb-app,
      .page {
        grid-column: 2;
        min-block-size: 0;
      }
      .page {
        overflow-y: auto;
      }
    `,
  ]

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('keydown', this.#onKey)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('keydown', this.#onKey)
  }

  override render() {
    const { desktop } = this
    if (!desktop.ready.value) return nothing
    const front = desktop.front.value
    return html`${desktop.hubs.value.length > 1 ? html`<hb-rail .desktop=${desktop}></hb-rail>` : nothing}
    ${front ? this.#hub(front) : nothing}`
  }

  #hub({ id, info, hub, router }: DesktopHub) {
    const { state } = info.value
    if (state === 'changed' || state === 'refused') {
      return html`<div class="page">
        <hb-stopped .desktop=${this.desktop} .info=${info.value}></hb-stopped>
      </div>`
    }
    // each hub has its own elements: nothing of one is ever drawn with the words of another
    return keyed(id, html`<hb-app .hub=${hub} .router=${router}></hb-app>`)
  }

  #onKey = (event: KeyboardEvent) => {
    const command = this.desktop.shell.platform === 'darwin' ? event.metaKey : event.ctrlKey
    if (!command || event.altKey || event.shiftKey || !/^Digit[1-9]$/.test(event.code)) return
    event.preventDefault()
    this.desktop.showNth(Number(event.code.slice(-1)))
  }
}

customElements.define('hb-desktop', HbDesktop)

declare global {
  interface HTMLElementTagNameMap {
    'hb-desktop': HbDesktop
  }
}
