import { css } from 'lit'

/** Filters, tables that become cards on narrow windows, rows, tags. */
export const adminStyles = css`
  /* what the section is for, and its one action at the end of the line */
  .intro {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-start;
    justify-content: space-between;
    gap: var(--space-3) var(--space-6);
  }
  .intro > .muted-text {
    flex: 1 1 280px;
  }
  .intro > .button {
    flex: none;
  }
  .filters {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-start;
    gap: var(--space-3);
  }
  .filters > * {
    flex: 1 1 140px;
    min-inline-size: 0;
    max-inline-size: 240px;
  }
  .filters > .grow {
    flex-grow: 3;
    max-inline-size: 360px;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font: var(--type-body);
  }
  th {
    padding: 0 var(--space-3) var(--space-2);
    font: var(--type-label);
    color: var(--color-text-muted);
    text-align: start;
    white-space: nowrap;
  }
  td {
    padding: var(--space-2) var(--space-3);
    border-block-start: 1px solid var(--color-border);
    vertical-align: middle;
    overflow-wrap: anywhere;
  }
  th:first-child,
  td:first-child {
    padding-inline-start: 0;
  }
  th:last-child,
  td:last-child {
    padding-inline-end: 0;
  }
  .at-end {
    text-align: end;
  }
  .who {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    min-inline-size: 0;
  }
  .who > span:last-child {
    min-inline-size: 0;
  }
  .name {
    display: block;
    font: var(--type-name);
    overflow-wrap: anywhere;
  }
  .below {
    display: block;
    font: var(--type-secondary);
    color: var(--color-text-muted);
    overflow-wrap: anywhere;
  }
  .tag {
    display: inline-block;
    padding: 1px var(--space-2);
    border-radius: var(--radius-pill);
    background: var(--color-badge);
    /* also within muted words, which are too faint on the badge */
    color: var(--color-text);
    font: var(--type-meta);
    font-weight: 500;
    white-space: nowrap;
  }
  .tag[data-strong] {
    background: var(--color-accent-tint);
    color: var(--color-accent-text);
  }
  .tag[data-bad] {
    background: var(--color-danger-tint);
    color: var(--color-danger);
  }
  .tag[data-attention] {
    background: var(--color-attention-tint);
    color: var(--color-attention);
  }
  .rows:has(> li) {
    border: 1px solid var(--color-border);
    border-radius: var(--radius-card);
    background: var(--color-surface-raised);
  }
  .rows > li + li {
    border-block-start: 1px solid var(--color-border);
  }
  .rows > li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2) var(--space-4);
    padding: var(--space-3) var(--space-4);
  }
  .rows > li > .main {
    flex: 1 1 260px;
    min-inline-size: 0;
  }
  dl {
    display: grid;
    grid-template-columns: minmax(140px, auto) minmax(0, 1fr);
    gap: var(--space-2) var(--space-6);
    margin: 0;
  }
  dt {
    color: var(--color-text-muted);
  }
  dd {
    margin: 0;
    font-variant-numeric: tabular-nums;
  }
  @media (width < 45em) {
    .filters > *,
    .filters > .grow {
      flex-basis: 100%;
      max-inline-size: none;
    }
    thead {
      position: absolute;
      clip-path: inset(50%);
      block-size: 1px;
      overflow: hidden;
    }
    table,
    tbody,
    tr,
    td {
      display: block;
    }
    tr {
      position: relative;
      padding-block: var(--space-3);
      border-block-start: 1px solid var(--color-border);
    }
    td {
      padding: 2px 0;
      border: 0;
    }
    td[data-label] {
      font: var(--type-secondary);
    }
    td[data-empty] {
      display: none;
    }
    td[data-label]::before {
      content: attr(data-label) ': ';
      color: var(--color-text-muted);
    }
    td.menu {
      position: absolute;
      inset-block-start: var(--space-2);
      inset-inline-end: 0;
    }
    td:first-child {
      padding-inline-end: 48px;
    }
  }
`
