import { html, nothing } from 'lit'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'

/** The header of a page about this computer, with a back button (`hosting-styles.ts`). Emits `hb-back` from `page`. */
export function pageHeader(page: EventTarget, title: string, lead = ''): unknown {
  return html`<header class="top">
    <button
      class="icon-button"
      aria-label=${t('common.back')}
      data-tip=${t('common.back')}
      @click=${() => page.dispatchEvent(new CustomEvent('hb-back'))}
    >
      <hb-icon name="arrow-left"></hb-icon>
    </button>
    <div>
      <h1>${title}</h1>
      ${lead ? html`<p class="lead">${lead}</p>` : nothing}
    </div>
  </header>`
}

export function renderSwitch(
  name: string,
  checked: boolean,
  { label, hint, change }: { label: string; hint: string; change: (event: Event) => void },
) {
  return html`<label class="switch">
    <input type="checkbox" name=${name} .checked=${checked} @change=${change} />
    <span>${label}<span>${hint}</span></span>
  </label>`
}
