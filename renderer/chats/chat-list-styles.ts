import { css } from 'lit'

/**
 * The one axis of the list: icons and faces are centred on one line, and texts begin on another. Used by every line of the
 * list: its first child is the icon or face, the second the text.
 */
export const listAxisStyles = css`
  .axis {
    display: grid;
    grid-template-columns: var(--row-avatar-column) minmax(0, 1fr);
    grid-auto-columns: auto;
    grid-auto-flow: column;
    column-gap: 10px;
    align-items: center;
    padding-inline: 10px;
  }
  .axis > :first-child {
    justify-self: center;
  }
`

export const chatListStyles = css`
  :host {
    display: flex;
    min-block-size: 0;
    min-inline-size: 0;
    background: var(--color-paper);
    color: var(--color-text);
    font: var(--type-body);
  }
  nav {
    flex: 1;
    display: flex;
    flex-direction: column;
    min-inline-size: 0;
    min-block-size: 0;
  }
  header {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-block-size: var(--bar-height);
    padding: var(--space-1) var(--space-2);
  }
  header hb-menu:first-child {
    flex: 1;
    min-inline-size: 0;
  }
  header .icon-button {
    margin-inline-end: var(--space-1);
  }
  .me {
    --avatar-size: 2rem;
    --avatar-ring: var(--color-paper);
    grid-template-columns: var(--row-avatar-column) minmax(0, max-content);
    min-inline-size: 0;
    max-inline-size: 100%;
    padding-block: var(--space-1);
    border: 0;
    border-radius: var(--radius-card);
    background: none;
    color: inherit;
    text-align: start;
    cursor: pointer;
  }
  .me:hover,
  .me[aria-expanded='true'] {
    background: var(--color-surface-hover);
  }
  .me > hb-icon {
    color: var(--color-text-muted);
  }
  .me-words {
    display: block;
    min-inline-size: 0;
  }
  .my-name {
    display: flex;
    align-items: center;
  }
  .hub-name,
  .my-name > [dir] {
    display: block;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .hub-name {
    font: var(--type-name);
    line-height: 1.25rem;
  }
  .my-name {
    font: var(--type-meta);
    color: var(--color-text-muted);
  }
  .page {
    flex: none;
    min-block-size: 2.25rem;
    margin-inline: var(--space-2);
    border-radius: var(--radius-control);
    color: var(--color-text);
    font: var(--type-body);
    text-decoration: none;
  }
  .page hb-icon {
    color: var(--color-text-muted);
  }
  .page > span:not(.pill) {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .page:hover {
    background: var(--color-surface-hover);
  }
  .page:focus-visible {
    outline-offset: -2px;
  }
  .page[aria-current] {
    background: var(--color-surface-selected);
  }
  .page.new {
    font-weight: 600;
  }
  .filter {
    flex: none;
    grid-auto-columns: max-content;
    min-block-size: 2.25rem;
    margin: var(--space-1) var(--space-2) var(--space-2);
    padding-inline: 9px 3px;
    column-gap: var(--space-1);
    border: 1px solid transparent;
    border-radius: var(--radius-control);
    background: var(--color-button);
    color: var(--color-text-muted);
  }
  .filter:has(input:focus) {
    border-color: var(--color-focus);
    box-shadow: 0 0 0 1px var(--color-focus);
    background: var(--color-control);
  }
  .filter input {
    min-inline-size: 0;
    min-block-size: 2rem;
    padding: 0;
    padding-inline-start: 6px;
    border: 0;
    outline: 0;
    background: none;
    color: var(--color-text);
    font: var(--type-body);
    font-size: 0.875rem;
  }
  .filter input::placeholder {
    color: var(--color-text-muted);
    opacity: 1;
  }
  .filter kbd {
    border: 0;
    background: none;
    font: var(--type-meta);
    pointer-events: none;
  }
  .filter input:focus ~ kbd {
    visibility: hidden;
  }
  @media (hover: none) {
    .filter kbd {
      display: none;
    }
  }
  .filter .icon-button.on {
    background: var(--color-accent-tint);
    color: var(--color-accent-text);
  }
  .filter .icon-button {
    inline-size: 1.75rem;
    block-size: 1.75rem;
  }
  @media (forced-colors: active) {
    .filter {
      border-color: ButtonBorder;
    }
  }
`
