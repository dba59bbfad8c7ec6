import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { ChatRole } from '../../shared/contract/values.ts'
import type { Hub } from '../state/hub.ts'
import type { ChatMember, Members } from '../state/members.ts'
import { t } from '../text/t.ts'
import { confirm } from '../ui/hb-confirm.ts'
import type { MenuGroup, MenuItem } from '../ui/hb-menu.ts'
import { notify } from '../ui/hb-toasts.ts'
import { openDirect } from '../navigation/open-direct.ts'

interface MemberActionContext {
  hub: Hub
  members: Members
  chat: ChatSummary
  member: ChatMember
  me: string | undefined
  /** The element that events come from. */
  from: HTMLElement
}

/**
 * The actions on a member: admins manage all but the owner, only the owner transfers the group. The hub checks again;
 * this only decides what is offered.
 */
export function memberActions(context: MemberActionContext): readonly MenuGroup[] {
  const { hub, chat, member, me, from } = context
  if (member.userId === me || chat.kind === 'direct') return []
  const groups: MenuItem[][] = [
    [{ label: t('members.message'), icon: 'message', run: () => openDirect(hub, from, member.userId) }],
  ]
  if (chat.role !== 'member' && member.role !== 'owner') groups.push(...managementActions(context))
  return groups
}

function managementActions({ hub, members, chat, member, from }: MemberActionContext): MenuItem[][] {
  const { userId } = member
  const name = hub.users.nameOf(userId)
  const group = hub.chats.nameOf(chat)
  const setRole = (role: ChatRole) => () => members.setRole(userId, role)

  const roles: MenuItem[] = [
    member.role === 'admin'
      ? confirmItem('shield', t('members.takeAdmin'), {
          heading: t('members.takeAdminHeading', { name }),
          text: t('members.takeAdminText'),
          action: t('members.takeAdminAction'),
          run: setRole('member'),
        })
      : confirmItem('shield', t('members.makeAdmin'), {
          heading: t('members.makeAdminHeading', { name }),
          text: t('members.makeAdminText'),
          action: t('members.makeAdminAction', { name }),
          run: setRole('admin'),
        }),
  ]
  if (chat.role === 'owner') {
    roles.push(
      confirmItem('crown', t('members.handOver'), {
        heading: t('members.handOverHeading', { group, name }),
        text: t('members.handOverText'),
        action: t('members.handOverAction', { name }),
        danger: true,
        run: setRole('owner'),
      }),
    )
  }
  const remove = confirmItem('leave', t('members.remove'), {
    heading: t('members.removeHeading', { name, group }),
    text: t('members.removeText'),
    action: t('members.removeAction', { name }),
    danger: true,
    run: async () => {
      await members.remove(userId)
      notify(from, { text: t('members.removed', { name }) })
    },
  })
  const isFixed = chat.everyone === true && hub.users.get(userId)?.bot !== true
  return isFixed ? [roles] : [roles, [{ ...remove, danger: true }]]
}

function confirmItem(
  icon: MenuItem['icon'] & string,
  label: string,
  question: Parameters<typeof confirm>[0],
): MenuItem {
  return { label, icon, run: () => confirm(question) }
}
