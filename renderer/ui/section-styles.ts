import { css } from 'lit'

/** A section of the settings: groups with a small heading, forms, rows, notes. */
export const sectionStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: var(--space-8);
    font: var(--type-body);
    color: var(--color-text);
  }
  section,
  form,
  .stack {
    display: flex;
    flex-direction: column;
    gap: var(--space-4);
  }
  section > header {
    display: flex;
    flex-direction: column;
    gap: var(--space-1);
  }
  h3 {
    font: var(--type-name);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2) var(--space-3);
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
    max-inline-size: var(--measure);
  }
`
