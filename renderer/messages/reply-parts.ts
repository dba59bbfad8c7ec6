// The quote above the text of a reply, and the line below a message that leads to its thread.
import { css, html, nothing } from 'lit'
import { nowWatchingDay } from '../signals/current-day.ts'
import type { MessageItem } from '../state/message-item.ts'
import { t } from '../text/t.ts'
import { exactTime, listTime } from '../text/time.ts'
import '../ui/hb-avatar.ts'
import { quoteStyles, quoteThumbnail, quoteLabel } from './quote.ts'
import type { TimelineContext } from './timeline-context.ts'

/** Leads to the message it quotes, also if that is deleted. */
export function renderQuote(
  item: MessageItem,
  { nameOf, mentionText, files }: Pick<TimelineContext, 'nameOf' | 'mentionText' | 'files'>,
): unknown {
  const { replyTo } = item
  if (!replyTo) return nothing
  const name = nameOf(replyTo.author)
  const words = quoteLabel(replyTo, mentionText)
  return html`<button
    class="quote"
    data-action="jump"
    data-no=${replyTo.no}
    data-id=${replyTo.id}
    aria-label=${t('messages.quote', { name, text: words || t('messages.deleted') })}
  >
    ${quoteThumbnail(replyTo, files.address)}
    <span class="quoted"
      ><b><bdi>${name}</bdi></b>
      <span class=${words ? '' : 'none'} dir="auto">${words || t('messages.deleted')}</span></span
    >
  </button>`
}

export function threadSummary(
  item: MessageItem,
  { nameOf, avatarAddress, userOf }: Pick<TimelineContext, 'nameOf' | 'avatarAddress' | 'userOf'>,
): unknown {
  const { replies } = item
  if (!replies || replies.count === 0) return nothing
  return html`<button class="thread" data-action="thread">
    <span class="faces"
      >${replies.users.map(
        (userId) =>
          html`<hb-avatar
            .userId=${userId}
            .joined=${userOf(userId)?.joined}
            .name=${nameOf(userId)}
            .picture=${avatarAddress(userId)}
          ></hb-avatar>`,
      )}</span
    >
    <b>${t('threads.count', { count: replies.count })}</b>
    ${
      replies.at === undefined
        ? nothing
        : html`<span class="last" data-tip=${exactTime(replies.at)}
            >${t('threads.last', { time: listTime(replies.at, nowWatchingDay()) })}</span
          >`
    }
  </button>`
}

export const replyStyles = css`
  ${quoteStyles}
  .quote {
    all: unset;
    box-sizing: border-box;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    inline-size: fit-content;
    max-inline-size: 100%;
    min-block-size: 1.5rem;
    margin-block: 3px 2px;
    padding-inline-start: var(--space-2);
    border-inline-start: 3px solid var(--color-border-control);
    border-radius: 2px;
    color: var(--color-text-muted);
    font-size: 0.8125rem;
    line-height: 1.25rem;
    cursor: pointer;
  }
  .quoted {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .quote:hover {
    border-color: var(--color-accent);
    color: var(--color-text);
  }
  .quote b {
    font-weight: 600;
    margin-inline-end: var(--space-1);
  }
  .quote .none {
    font-style: italic;
  }
  .thread {
    --avatar-size: 1.25rem;
    all: unset;
    box-sizing: border-box;
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 var(--space-2);
    min-block-size: 1.75rem;
    margin-block-start: 2px;
    padding-inline: 4px 10px;
    margin-inline-start: -4px;
    border-radius: var(--radius-control);
    font-size: 0.8125rem;
    line-height: 1.125rem;
    cursor: pointer;
  }
  /* on top of the tint of its row: a stronger one would swallow the words */
  .thread:hover {
    background: var(--color-surface-hover);
  }
  .thread b {
    color: var(--color-accent-text);
    font-weight: 600;
  }
  .thread b,
  .thread .last {
    white-space: nowrap;
  }
  .thread .last {
    color: var(--color-text-muted);
  }
  .faces {
    --avatar-size: 1.25rem;
    display: inline-flex;
    gap: 3px;
  }
  .quote:focus-visible,
  .thread:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: 1px;
  }
`
