import { css } from 'lit'

/** The base of every side panel: `.bar` with an `h2` and buttons, `.scroll` below it. */
export const panelStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    block-size: 100%;
    min-block-size: 0;
    background: var(--color-surface);
    color: var(--color-text);
    font: var(--type-body);
    animation: appear var(--motion-panel) var(--ease);
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  .bar {
    flex: none;
    display: flex;
    align-items: center;
    gap: var(--space-1);
    min-block-size: var(--bar-height);
    padding-inline: var(--space-4) var(--space-3);
    border-block-end: 1px solid var(--color-border);
  }
  .bar.deep {
    padding-inline-start: var(--space-2);
  }
  h2 {
    flex: 1;
    min-inline-size: 0;
    display: flex;
    gap: 6px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font: var(--type-title);
  }
  h2 span {
    color: var(--color-text-muted);
    font-weight: 400;
    font-variant-numeric: tabular-nums;
  }
  .scroll {
    flex: 1;
    min-block-size: 0;
    /* Rows have 8 pixels of their own: all content begins at 16, as the title. */
    padding: var(--space-2);
  }
  @media (prefers-reduced-motion: reduce) {
    :host {
      animation: none;
    }
  }
`
