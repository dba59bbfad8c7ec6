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
  .muted-text {
    font: var(--type-secondary);
    color: var(--color-text-muted);
  }
`
