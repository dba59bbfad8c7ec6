import { css } from 'lit'

/** Rows of items the user created, each with its facts and its removal. */
export const listStyles = css`
  .things {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .things li {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    padding-block: var(--space-3);
    border-block-end: 1px solid var(--color-border);
  }
  .things li > hb-icon {
    flex: none;
    color: var(--color-text-muted);
  }
  .things .words {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .things .words span {
    font: var(--type-secondary);
    color: var(--color-text-muted);
  }
`
