import { html } from 'lit'
import type { MessageItem } from '../state/message-item.ts'
import { t } from '../text/t.ts'
import { messageRow } from './message-row.ts'
import type { TimelineContext } from './timeline-context.ts'

/** The parent message of a thread, and a line with the number of its replies. */
export function threadBeginning(parent: MessageItem, context: TimelineContext): unknown {
  const count = parent.replies?.count ?? 0
  const flags = { isGroupStart: true, isNew: false, isTabStop: false, highlighted: false, expanded: true }
  return html`${messageRow(parent, context, { ...flags, isParent: true, isInUse: false, showsState: false })}
    <p class="replies">
      <span>${count > 0 ? t('threads.count', { count }) : t('threads.noReplies')}</span>
    </p>`
}
