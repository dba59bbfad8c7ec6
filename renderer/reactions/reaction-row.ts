import { css, html, nothing } from 'lit'
import type { MessageItem } from '../state/message-item.ts'
import { t } from '../text/t.ts'
import { reactingUsersText } from './reactions.ts'

/** The reactions under a message, with their counts and users. The list handles the clicks. */
export function reactionRow(item: MessageItem, me: string, nameOf: (userId: string) => string): unknown {
  if (item.reactions.length === 0) return nothing
  return html`<div class="reactions" role="group" aria-label=${t('reactions.title')}>
    ${item.reactions.map(({ emoji, users }) => {
      const who = reactingUsersText(users, me, nameOf)
      const words = t('reactions.by', { emoji, count: users.length, who })
      const mine = users.includes(me)
      return html`<button
        class="reaction"
        data-action="react"
        data-emoji=${emoji}
        aria-pressed=${mine}
        aria-label=${words}
        data-tip=${words}
      >
        <span>${emoji}</span>${users.length}
      </button>`
    })}
  </div>`
}

export const reactionStyles = css`
  .reactions {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-1);
    padding-block: 3px 2px;
  }
  .reaction {
    all: unset;
    box-sizing: border-box;
    display: inline-flex;
    align-items: center;
    gap: 5px;
    min-block-size: 1.625rem;
    padding-inline: 7px 8px;
    border: 1px solid var(--color-border);
    border-radius: var(--radius-pill);
    background: var(--color-surface-hover);
    color: var(--color-text-muted);
    font: 500 0.75rem / 1rem var(--font-sans);
    font-variant-numeric: tabular-nums;
    cursor: pointer;
    user-select: none;
  }
  .reaction span {
    font-size: 0.9375rem;
  }
  .reaction:hover {
    border-color: var(--color-border-control);
  }
  .reaction[aria-pressed='true'] {
    border-color: var(--color-accent);
    background: var(--color-accent-tint);
    color: var(--color-accent-text);
  }
  .reaction:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: 1px;
  }
  @media (forced-colors: active) {
    .reaction[aria-pressed='true'] {
      border: 2px solid Highlight;
    }
  }
`
