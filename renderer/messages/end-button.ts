import { html } from 'lit'
import { t } from '../text/t.ts'

/** Leads to the newest message, and says how many are unread. */
export function endButton(unread: number, onClick: () => void): unknown {
  const words = unread > 0 ? t('messages.newCount', { count: unread }) : t('messages.toEnd')
  return html`
    <button id="to-end" class=${unread > 0 ? 'counting' : 'plain'} @click=${onClick}>
      <span>${words}</span><hb-icon name="arrow-down"></hb-icon>
    </button>
  `
}
