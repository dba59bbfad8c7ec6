import { emojiPreferences, rememberEmoji } from '../emoji/emoji-preferences.ts'
import { pickEmoji } from '../emoji/pick-emoji.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import { t } from '../text/t.ts'
import { errorMessage } from '../ui/error-message.ts'
import { notify } from '../ui/hb-toasts.ts'
import './hb-quick-reactions.ts'

/** Adds or removes a reaction. The message changes by its entry, as it does for other users. */
export async function toggleReaction(
  hub: Hub,
  item: Pick<MessageItem, 'id' | 'reactions'>,
  emoji: string,
  from: HTMLElement,
): Promise<void> {
  const me = hub.session.me.peek()?.id ?? ''
  const isMine = item.reactions.some((each) => each.emoji === emoji && each.users.includes(me))
  if (!isMine) rememberEmoji(emoji)
  try {
    const input = { messageId: item.id ?? '', emoji }
    await hub.request(isMine ? 'reactions.remove' : 'reactions.add', input)
    notify(from, { text: t(isMine ? 'reactions.removed' : 'reactions.added', { emoji }), isUnseen: true })
  } catch (error) {
    notify(from, { text: errorMessage(error), tone: 'danger' })
  }
}

/** Shows the recent emoji next to a row, with a button for the whole picker. */
export async function chooseReaction(
  hub: Hub,
  item: MessageItem,
  row: HTMLElement,
  from: HTMLElement,
): Promise<void> {
  // The bar covers other rows: the mark says which message it is for.
  row.toggleAttribute('data-open', true)
  const chosen = await pickQuickReaction(row)
  const emoji = chosen === 'all' ? await pickEmoji(row) : chosen
  row.removeAttribute('data-open')
  if (emoji !== undefined) await toggleReaction(hub, item, emoji, from)
}

function pickQuickReaction(row: HTMLElement): Promise<string | undefined> {
  const quick = document.createElement('hb-quick-reactions')
  quick.emojis = emojiPreferences().recent.slice(0, 7)
  return quick.pick(row)
}

/** "Ann, Bo and you" */
export function reactingUsersText(
  users: readonly string[],
  me: string,
  nameOf: (userId: string) => string,
): string {
  const others = users.filter((id) => id !== me)
  const shown = others.slice(0, 20).map((id) => nameOf(id) || t('reactions.someone'))
  const rest = others.length - shown.length
  if (rest > 0) shown.push(t('reactions.others', { count: rest }))
  if (users.includes(me)) shown.push(t('reactions.you'))
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(shown)
}
