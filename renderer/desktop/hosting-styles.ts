import { css } from 'lit'

/** The page about the hub of this computer: a column of cards, one for each question of its owner. */
export const hostingStyles = css`
  :host {
    display: block;
    min-block-size: 100%;
    background: var(--color-paper);
    color: var(--color-text);
    font: var(--type-body);
  }
  main {
    display: flex;
    flex-direction: column;
    gap: var(--space-5);
    max-inline-size: 680px;
    margin-inline: auto;
    padding: var(--space-8) var(--space-6) var(--space-12);
  }
  header.top {
    display: flex;
    align-items: flex-start;
    gap: var(--space-2);
  }
  header.top .icon-button {
    margin-inline-start: -8px;
  }
  h1 {
    font: var(--type-heading);
  }
  h2 {
    font: var(--type-name);
  }
  .lead,
  .muted-text {
    color: var(--color-text-muted);
    max-inline-size: var(--measure);
  }
  .muted-text {
    font: var(--type-secondary);
  }
  .card {
    display: flex;
    flex-direction: column;
    gap: var(--space-4);
    padding: var(--space-5);
    border: 1px solid var(--color-border);
    border-radius: var(--radius-card);
    background: var(--color-surface-raised);
  }
  .state {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-3);
  }
  .state > div:not(.actions) {
    flex: 1 1 200px;
    min-inline-size: 0;
  }
  .state > .actions {
    justify-content: flex-end;
  }
  .state strong {
    font: var(--type-title);
    overflow-wrap: anywhere;
  }
  .state p {
    color: var(--color-text-muted);
  }
  .dot {
    display: inline-block;
    inline-size: 9px;
    block-size: 9px;
    margin-inline-end: 6px;
    border-radius: var(--radius-pill);
    background: var(--color-badge);
  }
  .dot[data-state='running'] {
    background: var(--color-online);
  }
  .dot[data-state='starting'],
  .dot[data-state='stopping'] {
    background: var(--color-attention-mark);
  }
  .dot[data-state='crashed'] {
    background: var(--color-danger-fill);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
  }
  dl {
    display: grid;
    grid-template-columns: minmax(96px, auto) 1fr;
    gap: var(--space-3) var(--space-4);
    margin: 0;
  }
  dt {
    color: var(--color-text-muted);
    font: var(--type-secondary);
    line-height: 1.5rem;
  }
  dd {
    margin: 0;
    min-inline-size: 0;
  }
  .address {
    font: 500 0.9375rem/1.5rem var(--font-mono);
    user-select: all;
    -webkit-user-select: all;
    overflow-wrap: anywhere;
  }
  .address small {
    font: var(--type-meta);
    color: var(--color-text-muted);
  }
  label.switch {
    display: flex;
    align-items: flex-start;
    gap: 10px;
    cursor: pointer;
  }
  label.switch input {
    inline-size: 1.125rem;
    block-size: 1.125rem;
    flex: none;
    margin: 0.125rem 0;
    accent-color: var(--color-accent-fill);
  }
  label.switch span span {
    display: block;
    font: var(--type-secondary);
    color: var(--color-text-muted);
  }
  .with-button {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2) var(--space-3);
  }
  /* the button is next to the field; what is written above and under them has the whole line */
  form.with-button {
    display: grid;
    grid-template-columns: minmax(0, 160px) auto 1fr;
    gap: 0 var(--space-3);
  }
  form.with-button hb-field {
    display: contents;
  }
  form.with-button :is(.hb-field-label, .hb-field-note) {
    grid-column: 1 / -1;
  }
  form.with-button .hb-field-box {
    grid-area: 2 / 1;
  }
  form.with-button .button {
    grid-area: 2 / 2;
    min-block-size: 40px;
  }
  .path {
    flex: 1 1 240px;
    min-inline-size: 0;
    font: var(--type-code);
    overflow-wrap: anywhere;
    user-select: text;
    -webkit-user-select: text;
  }
  .problem,
  .note {
    display: flex;
    gap: var(--space-2);
    padding: 10px var(--space-3);
    border-radius: var(--radius-control);
    font: var(--type-secondary);
  }
  .problem {
    background: var(--color-danger-tint);
    color: var(--color-danger);
  }
  .note {
    background: var(--color-attention-tint);
    color: var(--color-text);
  }
  @media (max-width: 32.5em) {
    main {
      padding-inline: var(--space-4);
    }
    dl {
      grid-template-columns: 1fr;
      gap: var(--space-1);
    }
    dd + dt {
      margin-block-start: var(--space-2);
    }
  }
`
