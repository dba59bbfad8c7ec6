import { html } from 'lit'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { chatMenu } from '../chats/chat-menu.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-menu.ts'
import { altShiftKeys } from '../ui/key-names.ts'

/** The menu in the header of a conversation, with its button. */
export function renderChatMenu(hub: Hub, chat: ChatSummary, host: HTMLElement): unknown {
  const label = t('chats.menu', { name: hub.chats.nameOf(chat) })
  return html`<hb-menu slot="menu" .label=${label} .groups=${chatMenu(hub, chat, host)}>
    <button
      slot="trigger"
      class="icon-button"
      type="button"
      aria-label=${label}
      data-tip=${t('common.more')}
      data-tip-key=${altShiftKeys('O')}
    >
      <hb-icon name="more" .size=${18}></hb-icon>
    </button>
  </hb-menu>`
}
