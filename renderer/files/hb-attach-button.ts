import { css, html, LitElement } from 'lit'
import type { PickedFile } from '../state/upload.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { filesFromInput } from './pick-files.ts'

/** The button that opens the file dialog. Events: `hb-files-picked` (`detail`: the chosen files). */
export class HbAttachButton extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        flex: none;
      }
      button {
        all: unset;
        display: grid;
        place-items: center;
        inline-size: 2.25rem;
        block-size: 2.25rem;
        border-radius: var(--radius-control);
        color: var(--color-text-muted);
        cursor: pointer;
      }
      button:hover {
        background: var(--color-surface-hover);
        color: var(--color-text);
      }
      button:focus-visible {
        outline: 2px solid var(--color-focus);
        outline-offset: -2px;
      }
    `,
  ]

  protected override render(): unknown {
    return html`<button
        type="button"
        aria-label=${t('files.attach')}
        data-tip=${t('files.attach')}
        @click=${() => this.renderRoot.querySelector('input')?.click()}
      >
        <hb-icon name="attach"></hb-icon></button
      ><input type="file" multiple hidden tabindex="-1" aria-hidden="true" @change=${this.#onChange} />`
  }

  #onChange = (event: Event): void => {
    const detail: PickedFile[] = filesFromInput(event.target as HTMLInputElement)
    if (detail.length > 0) this.dispatchEvent(new CustomEvent('hb-files-picked', { detail }))
  }
}

customElements.define('hb-attach-button', HbAttachButton)

declare global {
  interface HTMLElementTagNameMap {
    'hb-attach-button': HbAttachButton
  }
}
