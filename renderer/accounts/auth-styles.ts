import { css } from 'lit'

/** The sign-in screens: a single column of 400 pixels, the logo, one thing at a time. */
export const authStyles = css`
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
    inline-size: 100%;
    max-inline-size: calc(400px + 2 * var(--space-6));
    min-block-size: 100dvh;
    margin-inline: auto;
    padding: clamp(var(--space-5), 8vh, 96px) var(--space-6) var(--space-8);
  }
  hb-logo {
    inline-size: 56px;
    block-size: 56px;
    margin-inline-start: -4px;
    margin-block-end: var(--space-5);
  }
  @media (max-height: 42.5em) {
    main {
      padding-block-start: var(--space-6);
    }
    hb-logo {
      inline-size: 44px;
      block-size: 44px;
      margin-block-end: var(--space-3);
    }
  }
  h1 {
    font: var(--type-heading);
    font-size: 1.5rem;
    line-height: 2rem;
    letter-spacing: -0.015em;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }
  h1:focus-visible {
    outline: 0;
  }
  .lead {
    margin-block-start: var(--space-2);
    color: var(--color-text-muted);
    text-wrap: pretty;
    overflow-wrap: anywhere;
  }
  form {
    display: flex;
    flex-direction: column;
    gap: var(--space-4);
    margin-block-start: var(--space-6);
  }
  .actions {
    display: flex;
    flex-direction: column;
    gap: var(--space-2);
    margin-block-start: var(--space-2);
  }
  h1 + .problem {
    margin-block-start: var(--space-4);
  }
  .lead + .actions {
    margin-block-start: var(--space-6);
  }
  .actions .button {
    min-block-size: 40px;
  }
  .aside {
    display: flex;
    flex-wrap: wrap;
    gap: 0 var(--space-5);
  }
  main > .aside {
    margin-block-start: var(--space-4);
  }
  .aside .link {
    display: inline-flex;
    align-items: center;
    min-block-size: 32px;
    text-align: start;
  }
  .below {
    margin-block-start: var(--space-6);
    padding-block-start: var(--space-5);
    border-block-start: 1px solid var(--color-border);
    color: var(--color-text-muted);
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
  .problem hb-icon,
  .note hb-icon {
    margin-block-start: 1px;
  }
  .note {
    margin-block-start: var(--space-5);
    background: var(--color-surface-hover);
    color: var(--color-text);
  }
  .steps {
    display: flex;
    align-items: center;
    gap: 6px;
    margin-block-end: var(--space-3);
    font: var(--type-meta);
    color: var(--color-text-muted);
  }
  .steps i {
    inline-size: 8px;
    block-size: 8px;
    border: 1px solid var(--color-text-muted);
    border-radius: var(--radius-pill);
  }
  .steps i[data-done] {
    border-color: var(--color-accent);
    background: var(--color-accent);
  }
  .steps i[data-now] {
    inline-size: 20px;
  }
  @media (forced-colors: active) {
    .steps i[data-done] {
      forced-color-adjust: none;
      border-color: Highlight;
      background: Highlight;
    }
  }
  .steps span {
    margin-inline-start: 4px;
  }
  a.link {
    color: var(--color-accent-text);
    font-weight: 500;
    text-decoration: none;
    border-radius: 3px;
  }
  a.link:hover {
    text-decoration: underline;
    text-underline-offset: 3px;
  }
`
