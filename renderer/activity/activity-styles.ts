import { css } from 'lit'

export const activityStyles = css`
  .tools {
    display: flex;
    gap: var(--space-1);
    margin-inline-start: auto;
  }
  hb-keywords {
    display: block;
    margin: 0 var(--space-2) var(--space-4);
    padding: var(--space-4);
    border: 1px solid var(--color-border);
    border-radius: var(--radius-card);
  }
  .filter {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
    margin: 0 var(--space-2) var(--space-3);
  }
  .chip {
    min-block-size: 1.75rem;
    padding-inline: var(--space-3);
    border: 1px solid var(--color-border-control);
    border-radius: var(--radius-pill);
    background: none;
    color: var(--color-text);
    font: var(--type-label);
    cursor: pointer;
  }
  .chip:hover {
    background: var(--color-surface-hover);
  }
  .chip[aria-pressed='true'] {
    border-color: transparent;
    background: var(--color-accent-fill);
    color: var(--color-on-accent);
  }
  .kept .hit p.below {
    flex-wrap: wrap;
    gap: 2px var(--space-3);
  }
  .below .about,
  .below .where {
    display: inline-flex;
    align-items: center;
    gap: var(--space-1);
    min-inline-size: 0;
  }
  .below .about hb-icon {
    flex: none;
  }
  .kept.new .below .about {
    color: var(--color-accent-text);
    font-weight: 600;
  }
  .kept.new .who time::before {
    content: '';
    display: inline-block;
    inline-size: 0.5rem;
    block-size: 0.5rem;
    margin-inline-end: var(--space-2);
    border-radius: var(--radius-pill);
    background: var(--color-accent);
    vertical-align: middle;
  }
  @media (forced-colors: active) {
    .chip[aria-pressed='true'] {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
    .kept.new .who time::before {
      forced-color-adjust: none;
      background: Highlight;
    }
  }
  @media (width < 45em) {
    .tools {
      flex-wrap: wrap;
      justify-content: flex-end;
    }
  }
`
