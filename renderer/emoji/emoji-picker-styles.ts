import { css } from 'lit'

export const emojiPickerStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    inline-size: 328px;
    max-inline-size: calc(100vw - 16px);
    block-size: 400px;
    max-block-size: calc(100dvh - 16px - var(--covered-start, 0px) - var(--covered-end, 0px));
    padding: 0;
    border: 1px solid var(--color-border);
    border-radius: var(--radius-card);
    background: var(--color-surface-floating);
    color: var(--color-text);
    font: var(--type-body);
    box-shadow: var(--shadow-floating);
    overflow: hidden;
  }
  :host([popover]) {
    position: fixed;
    inset: auto;
    margin: 0;
  }
  :host([popover]:not(:popover-open)) {
    display: none;
  }
  .search {
    flex: none;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    margin: var(--space-2) var(--space-2) 0;
    padding-inline: var(--space-2);
    border: 1px solid var(--color-border-field);
    border-radius: var(--radius-control);
    background: var(--color-control);
    color: var(--color-text-muted);
  }
  .search:focus-within {
    border-color: var(--color-focus);
    box-shadow: 0 0 0 1px var(--color-focus);
  }
  input {
    flex: 1;
    min-inline-size: 0;
    block-size: 32px;
    padding: 0;
    border: 0;
    outline: 0;
    background: none;
    color: var(--color-text);
    font: var(--type-body);
  }
  /* The box around it shows the focus. */
  input:focus-visible {
    outline: 0;
  }
  input::placeholder {
    color: var(--color-text-muted);
    opacity: 1;
  }
  .groups {
    flex: none;
    display: flex;
    justify-content: space-between;
    padding: var(--space-1) var(--space-2);
    border-block-end: 1px solid var(--color-border);
  }
  button {
    all: unset;
    display: grid;
    place-items: center;
    border-radius: var(--radius-control);
    cursor: pointer;
  }
  button:hover {
    background: var(--color-surface-hover);
  }
  button:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: -2px;
  }
  .groups button {
    inline-size: 30px;
    block-size: 30px;
    font-size: 1rem;
    filter: grayscale(0.6);
  }
  .groups button:hover,
  .groups button:focus-visible {
    filter: none;
  }
  #list {
    position: relative;
    flex: 1;
    min-block-size: 0;
    padding-inline: var(--space-2);
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--color-border-control) transparent;
  }
  h4 {
    margin: 0;
    block-size: 28px;
    padding-inline: 6px;
    color: var(--color-text-muted);
    font: var(--type-label);
    font-size: 0.75rem;
    line-height: 28px;
  }
  .cells {
    display: grid;
    grid-template-columns: repeat(8, minmax(0, 1fr));
  }
  .cell {
    display: grid;
    place-items: center;
    block-size: 36px;
    border-radius: var(--radius-control);
    font-size: 1.375rem;
    line-height: 1;
    cursor: pointer;
    user-select: none;
  }
  .cell[aria-selected='true'] {
    background: var(--color-surface-selected);
    outline: 2px solid var(--color-border-control);
    outline-offset: -2px;
  }
  .none {
    padding: var(--space-8) var(--space-4);
    color: var(--color-text-muted);
    text-align: center;
    overflow-wrap: anywhere;
  }
  .none button {
    display: inline;
    color: var(--color-accent-text);
    font-weight: 500;
  }
  .foot {
    flex: none;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    block-size: 44px;
    padding-inline: var(--space-3) var(--space-2);
    border-block-start: 1px solid var(--color-border);
  }
  .about {
    flex: 1;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-inline-size: 0;
    font: var(--type-secondary);
    line-height: 1rem;
  }
  .face {
    flex: none;
    font-size: 1.5rem;
    line-height: 1;
  }
  .words {
    min-inline-size: 0;
    display: grid;
  }
  .words b,
  .words span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-weight: 500;
  }
  .words span {
    color: var(--color-text-muted);
    font: var(--type-meta);
  }
  .tone {
    flex: none;
    inline-size: 32px;
    block-size: 32px;
    font-size: 1.125rem;
  }
  .tones {
    display: flex;
  }
  .tone[aria-checked='true'] {
    background: var(--color-surface-selected);
  }
  @media (pointer: coarse) {
    :host {
      block-size: 360px;
    }
  }
`
