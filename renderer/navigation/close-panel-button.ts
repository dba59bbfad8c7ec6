import { html } from 'lit'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { closeSidePanel } from './side-panel.ts'

/** The close button at the end of a side panel's bar. */
export function closePanelButton(panel: EventTarget): unknown {
  return html`<button
    class="icon-button"
    aria-label=${t('common.close')}
    data-tip=${t('common.close')}
    @click=${() => closeSidePanel(panel)}
  >
    <hb-icon name="close" .size=${18}></hb-icon>
  </button>`
}
