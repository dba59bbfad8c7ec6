import type { ChatList, ChatSection } from '../state/chat-list.ts'
import type { Hub } from '../state/hub.ts'
import { openDialog } from '../navigation/dialogs.ts'
import { t } from '../text/t.ts'
import type { MenuGroup } from '../ui/hb-menu.ts'
import { notify } from '../ui/hb-toasts.ts'
import { notifyOnFailure } from './chat-list-menu.ts'

/** The menu of one of the user's own sections. `from` is any element within the shell. */
export function sectionMenu(
  { chatList }: Hub,
  section: ChatSection,
  from: HTMLElement,
): readonly MenuGroup[] {
  const { id } = section
  const ids = chatList.arrangement.value.sections.map((one) => one.id)
  const at = ids.indexOf(id)
  return [
    [
      {
        label: t('sections.rename'),
        icon: 'edit',
        run: () => openDialog(from, { kind: 'section', sectionId: id }),
      },
      {
        label: t('sections.up'),
        icon: 'arrow-up',
        disabled: at <= 0,
        run: () => void notifyOnFailure(from, chatList.moveSection(id, -1)),
      },
      {
        label: t('sections.down'),
        icon: 'arrow-down',
        disabled: at === ids.length - 1,
        run: () => void notifyOnFailure(from, chatList.moveSection(id, 1)),
      },
    ],
    [
      {
        label: t('sections.newOne'),
        icon: 'folder-plus',
        run: () => openDialog(from, { kind: 'section' }),
      },
    ],
    [
      {
        label: t('sections.delete'),
        icon: 'trash',
        danger: true,
        run: () => void removeSection(chatList, section, from),
      },
    ],
  ]
}

/** Only the order is lost, and the undo restores it. */
async function removeSection(chatList: ChatList, section: ChatSection, from: HTMLElement): Promise<void> {
  const before = chatList.arrangement.peek()
  if (!(await notifyOnFailure(from, chatList.removeSection(section.id)))) return
  notify(from, {
    text: t('sections.deleted', { name: section.name }),
    action: {
      label: t('chats.undo'),
      run: () => void notifyOnFailure(from, chatList.restoreSection(section.id, before)),
    },
  })
}
