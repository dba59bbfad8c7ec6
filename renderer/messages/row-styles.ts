import { css } from 'lit'

export const rowStyles = css`
  /* Nothing in a row of plain text is positioned, clips or is translucent: each such box is a layer of its own, and a scroll draws
     those of some hundred rows. */
  .row {
    display: grid;
    grid-template-columns: var(--message-avatar) minmax(0, var(--measure));
    font-size: 0.9375rem;
    line-height: 1.375rem;
    column-gap: var(--space-3);
    padding: var(--message-padding) var(--space-2);
    border-radius: var(--radius-control);
  }
  .row.first {
    padding-block-start: var(--message-gap);
  }
  .row:hover,
  .row.in-use,
  .row[data-open],
  .row[data-pointed] {
    background: var(--color-surface-hover);
  }
  .row:focus-visible {
    outline-offset: -2px;
  }
  /* It fades by itself: a change of colour is no motion. */
  .row.found {
    animation: found 3s ease-in;
  }
  @keyframes found {
    0%,
    60% {
      background: var(--color-accent-tint);
    }
  }
  .row.calls {
    background: var(--color-attention-tint);
  }
  .row.calls:hover,
  .row.calls.in-use,
  .row.calls[data-open],
  .row.calls[data-pointed] {
    background: color-mix(in oklab, var(--color-attention-tint), var(--color-surface-hover));
  }
  @media (forced-colors: active) {
    .row.calls {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
  .row.sending .body > :not(.trouble, .fold) {
    opacity: 0.6;
  }

  .face,
  .name {
    all: unset;
    cursor: pointer;
  }
  .face {
    --avatar-size: var(--message-avatar);
    align-self: start;
    inline-size: var(--message-avatar);
    block-size: var(--message-avatar);
    border-radius: var(--radius-pill);
    margin-block-start: 0.125rem;
  }
  .name:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: 2px;
    border-radius: 3px;
  }
  .name:hover {
    text-decoration: underline;
    text-underline-offset: 2px;
  }

  time {
    unicode-bidi: plaintext;
    color: var(--color-text-muted);
    font-size: 0.75rem;
    line-height: 1rem;
    font-variant-numeric: tabular-nums;
  }
  .aside {
    justify-self: end;
    line-height: 1.375rem;
    color: transparent;
    white-space: nowrap;
    user-select: none;
  }
  /* A finger focuses the row that it taps. */
  .row:focus-within .aside {
    color: var(--color-text-muted);
  }
  @media (hover: hover) {
    .row:hover .aside {
      color: var(--color-text-muted);
    }
  }
  @media (forced-colors: active) {
    .row:not(:hover, :focus-within) .aside {
      opacity: 0;
    }
  }

  .body {
    min-inline-size: 0;
  }
  header {
    --name-mark-gap: 0;
    display: flex;
    align-items: baseline;
    gap: var(--space-2);
    min-inline-size: 0;
    line-height: 1.25rem;
  }
  .name {
    min-inline-size: 0;
    /* 24 pixels to aim at, in a line of 20 */
    padding-block: 0.25rem 0;
    margin-block: -0.25rem 0;
    overflow: clip;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-weight: 600;
    font-size: 0.9375rem;
    color: var(--color-text);
  }
  header time {
    flex: none;
  }

  .marks {
    display: flex;
    gap: var(--space-3);
    margin: 0;
    color: var(--color-text-muted);
    font-size: 0.75rem;
    line-height: 1.125rem;
    user-select: none;
  }
  .marks span {
    display: inline-flex;
    align-items: center;
    gap: 4px;
  }

  .text.emoji {
    font-size: 2rem;
    line-height: 2.625rem;
  }
  .text.folded {
    max-block-size: 22rem;
    overflow: hidden;
    mask-image: linear-gradient(to bottom, #000 calc(100% - 4rem), transparent);
  }
  .edited {
    margin-inline-start: var(--space-2);
    color: var(--color-text-muted);
    font-size: 0.75rem;
    white-space: nowrap;
  }
  .deleted {
    margin: 0;
    color: var(--color-text-muted);
    font-style: italic;
  }

  .fold,
  .trouble button {
    all: unset;
    cursor: pointer;
    padding-block: 0.125rem;
    color: var(--color-accent-text);
    font-size: 0.8125rem;
    font-weight: 500;
    line-height: 1.25rem;
  }
  .fold:hover,
  .trouble button:hover {
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .fold:focus-visible,
  .trouble button:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: 2px;
    border-radius: 3px;
  }
  .trouble {
    display: flex;
    flex-wrap: wrap;
    gap: 0 var(--space-3);
    margin: 0;
    color: var(--color-danger);
    font-size: 0.8125rem;
    line-height: 1.5rem;
  }

  .state {
    display: inline-flex;
    align-items: center;
    gap: 2px;
    margin-inline-start: 6px;
    vertical-align: -2px;
    color: var(--color-text-muted);
    user-select: none;
  }
  .state[data-count]::after {
    content: attr(data-count);
    font: 500 0.6875rem / 1 var(--font-ui, inherit);
    font-variant-numeric: tabular-nums;
  }
  .state.read {
    color: var(--color-accent-text);
  }
  .state.failed {
    color: var(--color-danger);
  }

  @media print {
    .row {
      grid-template-columns: var(--message-avatar) minmax(0, 1fr);
      break-inside: avoid;
      background: none !important;
      outline: none;
    }
    .row.first header {
      break-after: avoid;
    }
    .aside {
      color: var(--color-text-muted);
      opacity: 1 !important;
    }
    .text.folded {
      max-block-size: none;
      mask-image: none;
    }
    .fold,
    .state,
    .trouble button {
      display: none;
    }
  }
  @media (width < 45em) {
    .row {
      column-gap: var(--space-2);
    }
    /* A time such as 12:50 PM is wider than a face. */
    .aside {
      margin-inline-end: calc(-1 * var(--space-1));
      font-size: 0.625rem;
    }
  }
`
