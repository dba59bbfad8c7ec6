// Where the keys of a list of messages, its dividers and `/date` lead.
import { parseDateRange } from '../../shared/text/days.ts'
import { openDialog } from '../navigation/dialogs.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import { isoDay, isoMonth, loadMessageDays, numberOnDay } from '../state/message-days.ts'
import type { Timeline } from '../state/timeline.ts'
import { t } from '../text/t.ts'
import { errorMessage } from '../ui/error-message.ts'
import { notify } from '../ui/hb-toasts.ts'

/** The detail of `hb-go`. */
export interface Destination {
  to: 'first' | 'unread' | 'date'
  /** For `date`: a time on the day that the calendar begins with. */
  at?: number
}

interface Place {
  conversation: Conversation
  timeline: Timeline
  firstUnreadNo: number | undefined
}

/** `from` is the element of the timeline. */
export async function goTo(
  from: HTMLElement,
  { conversation, timeline, firstUnreadNo }: Place,
  { to, at }: Destination,
): Promise<void> {
  if (to === 'date') return openDialog(from, { kind: 'go-to-date', chatId: conversation.chatId, at })
  const no = to === 'first' ? 1 : firstUnreadNo
  if (no === undefined) return notify(from, { text: t('goToDate.noUnread') })
  try {
    // The first message may have been deleted since: then the nearest is shown.
    await timeline.showAround(no)
  } catch (error) {
    notify(from, { text: errorMessage(error), tone: 'danger' })
  }
}

/** Leads to the day that the user has typed, or to the calendar for ''. Returns false for a text that is no date. */
export function goToTypedDate(
  from: HTMLElement,
  hub: Hub,
  conversation: Conversation,
  text: string,
): boolean {
  if (text === '') {
    openDialog(from, { kind: 'go-to-date', chatId: conversation.chatId })
    return true
  }
  const range = parseDateRange(text, Date.now())
  if (range) void showDay(from, hub, conversation, new Date(range.from))
  return range !== undefined
}

async function showDay(from: HTMLElement, hub: Hub, conversation: Conversation, day: Date): Promise<void> {
  try {
    const page = await loadMessageDays(hub.request, conversation.chatId, isoMonth(day))
    const no = numberOnDay(page, isoDay(day))
    if (no === undefined) notify(from, { text: t('goToDate.none') })
    else await conversation.showAround(no)
  } catch (error) {
    notify(from, { text: errorMessage(error), tone: 'danger' })
  }
}
