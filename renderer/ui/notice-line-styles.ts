import { css } from 'lit'

/** A line across the top, which stays while something is the case: a text with its icon, and an action. */
export const noticeLineStyles = css`
  .line {
    display: flex;
    align-items: center;
    justify-content: center;
    flex-wrap: wrap;
    gap: 2px var(--space-3);
    min-block-size: 32px;
    padding: 5px var(--space-4);
    border-block-end: 1px solid var(--color-border);
    background: var(--color-attention-tint);
    color: var(--color-text);
    font: var(--type-secondary);
  }
  hb-icon {
    color: var(--color-attention);
  }
  span {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
  }
`
