import { css } from 'lit'

export const composerStyles = css`
  :host {
    display: block;
    padding: 0 var(--space-6) var(--space-4);
  }
  .hint {
    margin: 0;
    padding-inline: var(--space-1);
    min-block-size: 1.25rem;
    color: var(--color-text-muted);
    font-size: 0.75rem;
    line-height: 1.25rem;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .box {
    display: flex;
    align-items: end;
    gap: var(--space-1);
    padding: 0.25rem;
    border: 1px solid var(--color-border-control);
    border-radius: var(--radius-card);
    background: var(--color-surface-raised);
    cursor: text;
    transition: border-color 80ms;
  }
  .box:focus-within {
    border-color: var(--color-focus);
    box-shadow: 0 0 0 1px var(--color-focus);
  }
  .box.wrong {
    border-color: var(--color-danger);
    box-shadow: 0 0 0 1px var(--color-danger);
  }
  textarea {
    flex: 1;
    min-inline-size: 0;
    box-sizing: border-box;
    field-sizing: content;
    min-block-size: 2.25rem;
    max-block-size: 33dvh;
    margin: 0;
    padding: 0.4375rem var(--space-2);
    border: 0;
    outline: 0;
    resize: none;
    background: none;
    color: var(--color-text);
    font: 400 0.9375rem / 1.375rem var(--font-sans);
    unicode-bidi: plaintext;
    overflow-wrap: anywhere;
    scrollbar-width: thin;
  }
  /* The box around it shows the focus. */
  textarea:focus-visible {
    outline: 0;
  }
  textarea::placeholder {
    color: var(--color-text-muted);
    opacity: 1;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .send {
    all: unset;
    flex: none;
    display: grid;
    place-items: center;
    inline-size: 2.25rem;
    block-size: 2.25rem;
    border-radius: var(--radius-control);
    color: var(--color-on-accent);
    background: var(--color-accent-fill);
    cursor: pointer;
    transition: background-color 80ms;
  }
  .send:hover {
    background: var(--color-accent-fill-hover);
  }
  .send:disabled {
    color: var(--color-text-muted);
    background: none;
    cursor: default;
  }
  .send:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: 2px;
  }
  .foot {
    display: flex;
    gap: var(--space-3);
    font-size: 0.75rem;
    line-height: 1rem;
  }
  .foot p {
    margin: var(--space-1) var(--space-1) 0;
  }
  .problem,
  .over {
    color: var(--color-danger);
  }
  .count {
    margin-inline-start: auto !important;
    color: var(--color-text-muted);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .count.over {
    color: var(--color-danger);
  }
  @media (max-width: 719px) {
    :host {
      padding-inline: var(--space-3);
      padding-block-end: var(--space-3);
    }
  }
`
