import { css } from 'lit'

export const composerStyles = css`
  :host {
    display: block;
    container-type: inline-size;
    --side: max(
      calc(var(--timeline-inset) + var(--space-2)),
      calc((100% - var(--timeline-column)) / 2 + var(--space-2))
    );
    padding: 0 var(--side) var(--space-4);
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
    position: relative;
    padding: 0.25rem;
    border: 1px solid var(--color-border-control);
    border-radius: var(--radius-card);
    background: var(--color-surface-raised);
    cursor: text;
    transition: border-color var(--motion-hover);
  }
  .box:focus-within {
    border-color: var(--color-border-writing);
    box-shadow: var(--ring-writing);
  }
  @media (forced-colors: active) {
    .box:focus-within {
      outline: 2px solid Highlight;
    }
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
  .line {
    display: flex;
    align-items: end;
    gap: var(--space-1);
  }
  .preview {
    max-block-size: 24dvh;
    overflow-y: auto;
    margin-block-end: 0.25rem;
    padding: var(--space-1) var(--space-2) var(--space-2);
    border-block-end: 1px solid var(--color-border);
    font: 400 0.9375rem / 1.375rem var(--font-sans);
    scrollbar-width: thin;
    cursor: default;
  }
  .preview > * {
    max-inline-size: var(--measure);
  }
  .preview figcaption button {
    display: none;
  }
  .tool {
    all: unset;
    flex: none;
    display: grid;
    place-items: center;
    inline-size: 2.25rem;
    block-size: 2.25rem;
    border-radius: var(--radius-control);
    color: var(--color-text-muted);
    cursor: pointer;
    transition: background-color var(--motion-hover);
  }
  .tool:hover {
    color: var(--color-text);
    background: var(--color-surface-hover);
  }
  .tool:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: -2px;
  }

  :host {
    position: relative;
  }
  #offers {
    position: absolute;
    inset-block-end: calc(100% - 1rem);
    inset-inline-start: var(--side);
    z-index: 3;
    inline-size: calc(100% - 2 * var(--side));
    max-inline-size: 30rem;
    padding: 5px;
    border: 1px solid var(--color-border);
    border-radius: var(--radius-card);
    background: var(--color-surface-floating);
    box-shadow: var(--shadow-floating);
  }
  .offer {
    --avatar-size: 1.5rem;
    display: flex;
    align-items: center;
    gap: 10px;
    min-block-size: 34px;
    padding: 4px 10px;
    border-radius: var(--radius-control);
    font: var(--type-body);
    font-size: 0.875rem;
    cursor: pointer;
  }
  .offer[aria-selected='true'] {
    background: var(--color-surface-selected);
  }
  @media (forced-colors: active) {
    .offer[aria-selected='true'] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
  .autocomplete-emoji {
    flex: none;
    inline-size: 24px;
    font-size: 1.25rem;
    line-height: 1;
    text-align: center;
  }
  .autocomplete-title,
  .autocomplete-note {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .autocomplete-title {
    flex: 0 1 auto;
    font-weight: 500;
  }
  .autocomplete-note {
    flex: 1 1 0;
    color: var(--color-text-muted);
    font: var(--type-secondary);
  }
  .offer[aria-selected='true'] .autocomplete-note {
    color: inherit;
  }

  #help {
    position: fixed;
    inset: auto;
    max-inline-size: calc(100vw - 16px);
    max-block-size: calc(100dvh - 16px - var(--covered-start, 0px) - var(--covered-end, 0px));
    margin: 0;
    padding: var(--space-3) var(--space-4) var(--space-4);
    border: 1px solid var(--color-border);
    border-radius: var(--radius-card);
    background: var(--color-surface-floating);
    color: var(--color-text);
    box-shadow: var(--shadow-floating);
    overflow: auto;
    outline: 0;
  }
  #help h4 {
    margin: 0 0 var(--space-2);
    font: var(--type-name);
  }
  #help table {
    border-collapse: collapse;
    font: var(--type-secondary);
  }
  #help td {
    padding: 0.1875rem var(--space-4) 0.1875rem 0;
    white-space: nowrap;
  }
  #help td:last-child {
    padding-inline-end: 0;
    text-align: end;
  }
  #help code {
    font: var(--type-code);
    color: var(--color-code-text);
  }
  kbd {
    padding: 0.0625rem 0.3125rem;
    border: 1px solid var(--color-border-control);
    border-radius: 4px;
    color: var(--color-text-muted);
    font: var(--type-meta);
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
    transition: background-color var(--motion-hover);
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
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 var(--space-3);
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
  .attach-text {
    all: unset;
    flex: none;
    min-block-size: 24px;
    margin-inline: var(--space-1);
    border-radius: 3px;
    color: var(--color-accent-text);
    font-weight: 500;
    cursor: pointer;
  }
  .attach-text:hover {
    text-decoration: underline;
  }
  .attach-text:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: 1px;
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
  /* A thread has little room next to its text. */
  @container (max-width: 26rem) {
    .help {
      display: none;
    }
  }
  /* With large letters the text has a line of its own. */
  @container (max-width: 16rem) {
    .line {
      flex-wrap: wrap;
      justify-content: end;
    }
    textarea {
      flex: 1 0 100%;
      order: -1;
    }
    ::slotted([slot='attach']) {
      margin-inline-end: auto;
    }
  }
  @media (width < 45em) {
    :host {
      padding-block-end: var(--space-3);
    }
    .help {
      display: none;
    }
  }
`
