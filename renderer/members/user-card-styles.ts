import { css } from 'lit'

/** One block, aligned at the start: who it is, what to do, and what is known. */
export const userCardStyles = css`
  :host {
    --avatar-size: 4.5rem;
    display: flex;
    flex-direction: column;
    gap: var(--space-4);
    padding: var(--space-3) var(--space-2) var(--space-6);
  }
  .who {
    display: flex;
    align-items: center;
    gap: var(--space-4);
  }
  .who > div {
    min-inline-size: 0;
  }
  h3 {
    font: var(--type-heading);
    overflow-wrap: anywhere;
  }
  .username {
    color: var(--color-text-muted);
    font: var(--type-secondary);
    overflow-wrap: anywhere;
  }
  .presence {
    overflow-wrap: anywhere;
    font: var(--type-secondary);
  }
  .presence.away,
  .presence.offline {
    color: var(--color-text-muted);
  }
  .role {
    display: inline-block;
    margin-block-start: var(--space-1);
    padding: 1px var(--space-2);
    border-radius: var(--radius-pill);
    background: var(--color-button);
    color: var(--color-text-muted);
    font: var(--type-meta);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
  }
  .actions .button {
    flex: 1 1 auto;
  }
  section {
    padding-block-start: var(--space-4);
    border-block-start: 1px solid var(--color-border);
  }
  h4 {
    margin: 0 0 var(--space-1);
    font: var(--type-label);
    color: var(--color-text-muted);
  }
  .bio {
    white-space: pre-line;
    unicode-bidi: plaintext;
    overflow-wrap: anywhere;
  }
  .bio + * {
    margin-block-start: var(--space-2);
  }
  .time {
    display: flex;
    align-items: center;
    gap: var(--space-2);
  }
  .time hb-icon {
    color: var(--color-text-muted);
  }
  .group {
    --avatar-size: 1.5rem;
    all: unset;
    box-sizing: border-box;
    display: flex;
    align-items: center;
    gap: var(--space-3);
    inline-size: calc(100% + 2 * var(--space-2));
    margin-inline: calc(-1 * var(--space-2));
    min-block-size: 2.25rem;
    padding: var(--space-1) var(--space-2);
    border-radius: var(--radius-control);
    cursor: pointer;
  }
  .group bdi {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .group:hover {
    background: var(--color-surface-hover);
  }
  .group:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: -2px;
  }
`
