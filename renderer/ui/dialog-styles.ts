import { css } from 'lit'

/** The content of a dialog: a form, its problem, a quiet line. */
export const dialogStyles = css`
  form,
  .stack {
    display: flex;
    flex-direction: column;
    gap: var(--space-4);
  }
  .problem {
    display: flex;
    gap: var(--space-2);
    padding: 10px var(--space-3);
    border-radius: var(--radius-control);
    background: var(--color-danger-tint);
    color: var(--color-danger);
    font: var(--type-secondary);
  }
  /* what is needed rarely, behind one line */
  .more summary {
    display: flex;
    align-items: center;
    gap: var(--space-1);
    inline-size: fit-content;
    min-block-size: 24px;
    border-radius: 3px;
    font: var(--type-label);
    color: var(--color-text-muted);
    cursor: pointer;
    list-style: none;
  }
  .more summary::-webkit-details-marker {
    display: none;
  }
  .more summary::before {
    content: '';
    inline-size: 6px;
    block-size: 6px;
    margin-inline: 2px 4px;
    border: solid currentcolor;
    border-width: 0 1.5px 1.5px 0;
    transform: rotate(-45deg);
  }
  .more[open] summary::before {
    transform: rotate(45deg);
  }
  .more:dir(rtl):not([open]) summary::before {
    transform: rotate(135deg);
  }
  .more summary:hover {
    color: var(--color-text);
  }
  .more[open] summary {
    margin-block-end: var(--space-4);
  }
  .muted-text {
    font: var(--type-secondary);
    color: var(--color-text-muted);
  }
`
