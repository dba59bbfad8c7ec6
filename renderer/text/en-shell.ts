import { entryText } from './en-entry.ts'
import { activityText } from './en/activity.ts'
import { actionsText } from './en/actions.ts'
import { adminShellText } from './en/admin-shell.ts'
import { chatsText } from './en/chats.ts'
import { computerText } from './en/computer.ts'
import { composerText } from './en/composer.ts'
import { emojiText } from './en/emoji.ts'
import { eventsText } from './en/events.ts'
import { filesText } from './en/files.ts'
import { pinsText } from './en/pins.ts'
import { savedText } from './en/saved.ts'
import { chatPreferencesText } from './en/chat-preferences.ts'
import { sectionsText } from './en/sections.ts'
import { reactionsText } from './en/reactions.ts'
import { statusText } from './en/status.ts'
import { threadsText } from './en/threads.ts'
import { forwardText } from './en/forward.ts'
import { membersText } from './en/members.ts'
import { goToDateText } from './en/go-to-date.ts'
import { messagesText } from './en/messages.ts'
import { hubMenuText } from './en/hub-menu.ts'
import { searchText } from './en/search.ts'
import { settingsText } from './en/settings.ts'
import { shortcutsText } from './en/shortcuts.ts'
import { webhooksText } from './en/webhooks.ts'
import { tokensText } from './en/tokens.ts'

/** What the shell needs. Each noun keeps its lines in a file of its own, with its own prefix. */
export const shellText = {
  ...entryText,
  ...chatsText,
  ...messagesText,
  ...goToDateText,
  ...actionsText,
  ...activityText,
  ...composerText,
  ...emojiText,
  ...eventsText,
  ...filesText,
  ...pinsText,
  ...savedText,
  ...chatPreferencesText,
  ...sectionsText,
  ...reactionsText,
  ...statusText,
  ...threadsText,
  ...forwardText,
  ...membersText,
  ...searchText,
  ...settingsText,
  ...shortcutsText,
  ...tokensText,
  ...webhooksText,
  ...adminShellText,
  ...hubMenuText,
  ...computerText,
} as const
