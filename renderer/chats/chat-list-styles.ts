import { css } from 'lit'

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
    padding: 6px 12px 6px 8px;
  }
  header hb-menu:first-child {
    flex: 1;
    min-inline-size: 0;
  }
  .me {
    --avatar-size: 32px;
    --avatar-ring: var(--color-paper);
    display: flex;
    align-items: center;
    gap: 10px;
    min-inline-size: 0;
    max-inline-size: 100%;
    padding: 5px 8px;
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
  .threads {
    flex: none;
    display: flex;
    align-items: center;
    gap: var(--space-3);
    min-block-size: 36px;
    margin: 0 var(--space-2) var(--space-1);
    padding-inline: 18px 10px;
    border-radius: var(--radius-control);
    color: var(--color-text);
    font: var(--type-body);
    text-decoration: none;
  }
  .threads hb-icon {
    color: var(--color-text-muted);
  }
  .threads > span:not(.pill) {
    flex: 1;
  }
  .threads:hover {
    background: var(--color-surface-hover);
  }
  .threads[aria-current] {
    background: var(--color-surface-selected);
  }
  .threads.new {
    font-weight: 600;
  }
  .threads .pill {
    min-inline-size: 18px;
    padding: 1px 5px;
    border-radius: var(--radius-pill);
    background: var(--color-badge);
    color: var(--color-text);
    font: var(--type-meta);
    font-weight: 600;
    text-align: center;
  }
  .threads .pill.called {
    background: var(--color-accent-fill);
    color: var(--color-on-accent);
  }
  .filter {
    display: flex;
    align-items: center;
    gap: 7px;
    min-block-size: 34px;
    margin: 2px var(--space-3) var(--space-2);
    padding-inline: 10px 3px;
    flex: none;
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
    flex: 1;
    min-inline-size: 0;
    min-block-size: 32px;
    padding: 0;
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
  .filter .icon-button[aria-pressed='true'] {
    background: var(--color-accent-tint);
    color: var(--color-accent-text);
  }
  .filter .icon-button {
    inline-size: 26px;
    block-size: 26px;
  }
  @media (forced-colors: active) {
    .filter {
      border-color: ButtonBorder;
    }
  }
`
