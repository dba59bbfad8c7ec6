import { css } from 'lit'

/** The content of the cards about other hubs. */
export const pairingStyles = css`
  :host,
  form {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    gap: var(--space-3);
  }
  hb-field,
  hb-choice,
  hb-copy-progress,
  form {
    inline-size: 100%;
  }
  .muted-text {
    max-inline-size: var(--measure);
    color: var(--color-text-muted);
    font: var(--type-secondary);
  }
  .words {
    font-weight: 500;
    overflow-wrap: anywhere;
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
`
