// What many users set as their status: one press instead of three fields.
import { css, html } from 'lit'
import { t } from '../text/t.ts'
import type { StatusDraft } from './status-draft.ts'
import { hourAfter, toLocalInput } from './status-end.ts'

const suggestions = [
  { emoji: '📅', text: 'status.meeting', end: 'hour', hint: 'status.end.hour' },
  { emoji: '🍜', text: 'status.lunch', end: 'halfHour', hint: 'status.end.halfHour' },
  { emoji: '🌴', text: 'status.holiday', end: 'custom', hint: 'status.end.date' },
  { emoji: '🤒', text: 'status.sick', end: 'today', hint: 'status.end.today' },
  { emoji: '🏡', text: 'status.home', end: 'today', hint: 'status.end.today' },
] as const
/** The end that is offered for a holiday. */
const holidayDays = 7
const holidayEndHour = 9

export function renderSuggestions(choose: (draft: StatusDraft) => void): unknown {
  return html`<ul class="suggestions" aria-label=${t('status.suggestions')}>
    ${suggestions.map(
      (each) =>
        html`<li>
          <button type="button" @click=${() => choose(draftOfSuggestion(each))}>
            <span class="emoji" aria-hidden="true">${each.emoji}</span>
            <span class="words">${t(each.text)}</span>
            <span class="hint">${t(each.hint)}</span>
          </button>
        </li>`,
    )}
  </ul>`
}

function draftOfSuggestion({ emoji, text, end }: (typeof suggestions)[number]): StatusDraft {
  const at = toLocalInput(hourAfter(Date.now(), holidayDays, holidayEndHour))
  return { text: t(text), emoji, end, at }
}

export const suggestionStyles = css`
  .emoji {
    font-family: 'Apple Color Emoji', 'Segoe UI Emoji', 'Noto Color Emoji', var(--font-sans);
  }
  .suggestions button {
    all: unset;
    box-sizing: border-box;
    display: flex;
    align-items: center;
    gap: var(--space-3);
    inline-size: 100%;
    min-block-size: 36px;
    padding: 4px var(--space-2);
    border-radius: var(--radius-control);
    cursor: pointer;
  }
  .suggestions button:hover {
    background: var(--color-surface-hover);
  }
  .suggestions button:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: -2px;
  }
  .suggestions .emoji {
    flex: none;
    inline-size: 24px;
    text-align: center;
  }
  .suggestions .words {
    flex: 1;
    min-inline-size: 0;
  }
  .hint {
    flex: none;
    color: var(--color-text-muted);
    font: var(--type-secondary);
  }
  @media (pointer: coarse) {
    .suggestions button {
      min-block-size: 44px;
    }
  }
`
