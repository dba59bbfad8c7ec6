import { css } from 'lit'

/** A key, as in a list of shortcuts. */
export const kbdStyles = css`
  kbd {
    min-inline-size: 20px;
    padding: 1px 5px;
    border: 1px solid var(--color-border);
    border-radius: 5px;
    background: var(--color-code);
    color: var(--color-text-muted);
    font: var(--type-label);
    text-align: center;
    white-space: nowrap;
  }
`
