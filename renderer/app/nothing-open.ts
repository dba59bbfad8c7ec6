import { html, nothing } from 'lit'
import { openDialog } from '../navigation/dialogs.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import '../ui/hb-empty-state.ts'

/** The pane while no chat is open: a hint, or the first steps in an empty hub. `from` is any element within the shell. */
export function renderNothingOpen(hub: Hub, from: HTMLElement): unknown {
  const { chats } = hub
  if (!chats.ready.value) return nothing
  const role = hub.session.me.value?.role
  // The group for everyone has nobody to talk to yet.
  if (role !== 'member' && hub.users.isAlone.value) {
    return html`<hb-empty-state drawing="people" .text=${t('shell.alone')}>
      <div class="choices">
        <button class="button primary" @click=${() => openDialog(from, { kind: 'invite' })}>
          ${t('admin.invite')}
        </button>
        <button class="button" @click=${() => openDialog(from, { kind: 'new-group' })}>
          ${t('chats.newGroup')}
        </button>
      </div>
    </hb-empty-state>`
  }
  if (chats.list.value.length > 0) {
    return html`<hb-empty-state drawing="chat" .text=${t('shell.pick')}></hb-empty-state>`
  }
  return html`<hb-empty-state drawing="chat" .text=${t('shell.noChats')}>
    <div class="choices">
      <button class="button primary" @click=${() => openDialog(from, { kind: 'new-chat' })}>
        ${t('chats.new')}
      </button>
      <button class="button" @click=${() => openDialog(from, { kind: 'browse-groups' })}>
        ${t('chats.browse')}
      </button>
    </div>
  </hb-empty-state>`
}
