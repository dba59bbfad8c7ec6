import { accountsText } from './en/accounts.ts'
import { actionsText } from './en/actions.ts'
import { answersText } from './en/answers.ts'
import { adminText } from './en/admin.ts'
import { chatsText } from './en/chats.ts'
import { commonText } from './en/common.ts'
import { computerText } from './en/computer.ts'
import { composerText } from './en/composer.ts'
import { emojiText } from './en/emoji.ts'
import { filesText } from './en/files.ts'
import { desktopText } from './en/desktop.ts'
import { keepingText } from './en/keeping.ts'
import { membersText } from './en/members.ts'
import { messagesText } from './en/messages.ts'
import { railText } from './en/rail.ts'
import { recoveryText } from './en/recovery.ts'
import { searchText } from './en/search.ts'
import { settingsText } from './en/settings.ts'
import { shortcutsText } from './en/shortcuts.ts'
import { tokensText } from './en/tokens.ts'

/** One table; each noun keeps its lines in a file of its own, with its own prefix. */
export const en = {
  ...commonText,
  ...accountsText,
  ...chatsText,
  ...messagesText,
  ...actionsText,
  ...composerText,
  ...answersText,
  ...emojiText,
  ...filesText,
  ...keepingText,
  ...membersText,
  ...recoveryText,
  ...searchText,
  ...settingsText,
  ...shortcutsText,
  ...tokensText,
  ...adminText,
  ...railText,
  ...computerText,
  ...desktopText,
} as const
