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
    padding: var(--space-1) var(--space-2) var(--space-4);
  }
  .shapes div {
    block-size: var(--row-height);
  }
  .shapes i {
    inline-size: var(--row-avatar);
    block-size: var(--row-avatar);
    border-radius: var(--radius-pill);
    background: var(--color-surface-hover);
  }
  .shapes span {
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
  @media (width < 45em) {
    .none-wide {
      display: none;
    }
  }
  @media (min-width: 45em) {
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
  .fold,
  .person {
    flex: 1;
    min-inline-size: 0;
    inline-size: 100%;
    min-block-size: 2rem;
    padding-block: 0;
    border: 0;
    border-radius: var(--radius-control);
    background: none;
    color: var(--color-text-muted);
    font: var(--type-meta);
    font-weight: 500;
    text-align: start;
    cursor: pointer;
  }
  .person {
    --avatar-size: 1.75rem;
    --avatar-ring: var(--color-paper);
    min-block-size: 2.5rem;
    border-radius: var(--radius-card);
    color: var(--color-text);
    font: var(--type-body);
  }
  .person hb-icon {
    color: var(--color-text-muted);
  }
  .person > :nth-child(2) {
    min-inline-size: 0;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .person:hover {
    background: var(--color-surface-hover);
  }
  .person:focus-visible {
    outline-offset: -2px;
  }
  .title {
    padding: var(--space-2) 10px var(--space-1);
    padding-inline-start: calc(20px + var(--row-avatar-column));
    color: var(--color-text-muted);
    font: var(--type-meta);
    font-weight: 500;
  }
  .none {
    padding: var(--space-2) 10px;
    padding-inline-start: calc(20px + var(--row-avatar-column));
    color: var(--color-text-muted);
    font: var(--type-secondary);
    overflow-wrap: anywhere;
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
    inline-size: 1.75rem;
    block-size: 1.75rem;
    margin-inline-end: var(--space-1);
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
    padding-block: var(--space-1);
    padding-inline-start: calc(10px + var(--row-avatar-column));
    color: var(--color-text-muted);
    font: var(--type-meta);
  }
`
