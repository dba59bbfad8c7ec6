import { css, html, nothing, type TemplateResult } from 'lit'

/** The badge of a chat: neutral for unread messages, in the accent if they call the user. */
export const unreadBadgeStyles = css`
  .pill {
    flex: none;
    min-inline-size: 1.125rem;
    block-size: 1.125rem;
    padding: 0 0.34rem;
    border-radius: var(--radius-pill);
    background: var(--color-badge);
    color: var(--color-text);
    font: var(--type-meta);
    font-size: 0.6875rem;
    font-weight: 600;
    line-height: 1.125rem;
    font-variant-numeric: tabular-nums;
    text-align: center;
  }
  .pill.called {
    background: var(--color-accent-fill);
    color: var(--color-on-accent);
  }
  @media (forced-colors: active) {
    .pill,
    .pill.called {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
    /* on a selected row, which has these colours */
    [aria-selected='true'] .pill,
    [aria-current='page'] .pill {
      background: Canvas;
      color: CanvasText;
    }
  }
`

/** `words` says to screen readers what is counted. Without a count it shows the sign of a mention. */
export function unreadBadge(
  count: number,
  words: string,
  isCalled: boolean,
): TemplateResult | typeof nothing {
  if (words === '') return nothing
  return html`<span class="pill ${isCalled ? 'called' : ''}" data-tip=${words}
    ><span aria-hidden="true">${count === 0 ? '@' : count > 99 ? '99+' : count}</span
    ><span class="visually-hidden">${words}</span></span
  >`
}
