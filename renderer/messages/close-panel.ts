import { html } from 'lit'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { closePanel } from './panel.ts'

/** The cross at the end of a panel's bar. */
export function closeButton(panel: EventTarget): unknown {
  return html`<button
    class="icon-button"
    aria-label=${t('common.close')}
    title=${t('common.close')}
    @click=${() => closePanel(panel)}
  >
    <hb-icon name="close" .size=${18}></hb-icon>
  </button>`
}
