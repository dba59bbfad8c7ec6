import { css } from 'lit'

export const chatSectionsStyles = css`
  :host {
    flex: 1;
    display: flex;
    flex-direction: column;
    min-block-size: 0;
  }
  .rows {
    flex: 1;
    min-block-size: 0;
    padding: 2px var(--space-2) var(--space-4);
  }
  .shapes div {
    display: flex;
    align-items: center;
    gap: 10px;
    block-size: 58px;
    padding-inline: 10px;
  }
  .shapes i {
    inline-size: 36px;
    block-size: 36px;
    border-radius: var(--radius-pill);
    background: var(--color-surface-hover);
  }
  .shapes span {
    flex: 1;
    max-inline-size: 160px;
    block-size: 10px;
    border-radius: var(--radius-pill);
    background: var(--color-surface-hover);
  }
  .none-wide {
    padding: var(--space-4);
    font: var(--type-secondary);
    color: var(--color-text-muted);
    text-align: center;
  }
  @media (max-width: 719px) {
    .none-wide {
      display: none;
    }
  }
  @media (min-width: 720px) {
    .none-narrow {
      display: none;
    }
  }
  section {
    border-radius: var(--radius-card);
  }
  section + section {
    margin-block-start: var(--space-2);
  }
  section.over {
    background: var(--color-accent-tint);
    box-shadow: inset 0 0 0 2px var(--color-accent);
  }
  .heading {
    display: flex;
    align-items: center;
    position: relative;
  }
  .fold {
    flex: 1;
    min-inline-size: 0;
    display: flex;
    align-items: center;
    gap: 6px;
    inline-size: 100%;
    min-block-size: 30px;
    padding: 0 10px;
    border: 0;
    border-radius: var(--radius-control);
    background: none;
    color: var(--color-text-muted);
    font: var(--type-meta);
    font-weight: 500;
    text-align: start;
    cursor: pointer;
  }
  .fold:focus-visible {
    outline-offset: -2px;
  }
  .fold:hover {
    background: var(--color-surface-hover);
    color: var(--color-text);
  }
  .fold bdi,
  .fold > span:not(.count):not(.visually-hidden) {
    min-inline-size: 0;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .count {
    margin-inline-start: auto;
    font-variant-numeric: tabular-nums;
  }
  .count.unread {
    min-inline-size: 1.125rem;
    padding-inline: 0.34rem;
    border-radius: var(--radius-pill);
    background: var(--color-badge);
    color: var(--color-text);
    font-weight: 600;
    text-align: center;
  }
  .more {
    flex: none;
    inline-size: 26px;
    block-size: 26px;
    margin-inline-end: 4px;
  }
  @media (hover: hover) {
    .more {
      opacity: 0;
    }
    .heading:hover .more,
    .heading:focus-within .more {
      opacity: 1;
    }
  }
  .empty {
    margin: 0 10px var(--space-1);
    padding: var(--space-1) 0 var(--space-1) 20px;
    color: var(--color-text-muted);
    font: var(--type-meta);
  }
`
