import { css } from 'lit'

/** Styles of rendered Markdown. Also for other places that show the text of a message. */
export const textStyles = css`
  .text {
    overflow-wrap: anywhere;
    color: var(--color-text);
    tab-size: 4;
  }
  .t {
    display: block;
    white-space: pre-wrap;
    unicode-bidi: plaintext;
  }
  .text > * + *,
  blockquote > * + *,
  li > * + .code,
  li > * + blockquote {
    margin-block-start: var(--space-1);
  }
  .t.h1,
  .t.h2,
  .t.h3 {
    font-weight: 600;
  }
  .t.h1 {
    font-size: 1.125rem;
    line-height: 1.625rem;
  }
  .t.h2 {
    font-size: 1rem;
    line-height: 1.5rem;
  }
  strong {
    font-weight: 600;
  }
  .text a {
    color: var(--color-accent-text);
    text-decoration: underline;
    text-decoration-thickness: 1px;
    text-underline-offset: 2px;
    unicode-bidi: isolate;
  }
  .text a:hover {
    text-decoration-thickness: 2px;
  }
  .real {
    color: var(--color-attention);
    text-decoration: none;
  }
  .text code {
    font: 400 0.8125rem / 1.25rem var(--font-mono);
  }
  .t code {
    padding: 0.0625rem 0.25rem;
    border-radius: 4px;
    background: var(--color-code);
    color: var(--color-code-text);
    unicode-bidi: isolate;
    -webkit-box-decoration-break: clone;
    box-decoration-break: clone;
  }
  blockquote {
    margin: 0;
    padding-inline-start: 0.625rem;
    border-inline-start: 3px solid var(--color-border-control);
    color: var(--color-text-muted);
  }
  .text ul,
  .text ol {
    margin: 0;
    padding-inline-start: 1.5rem;
    list-style: disc;
  }
  .text ol {
    padding-inline-start: 2rem;
    list-style: decimal;
    font-variant-numeric: tabular-nums;
  }
  .text ul ul {
    list-style: circle;
  }
  li::marker {
    color: var(--color-text-muted);
  }

  .code {
    position: relative;
    margin: 0;
    margin-block: var(--space-1);
    border: 1px solid var(--color-border);
    border-radius: var(--radius-control);
    background: var(--color-code);
    overflow: clip;
  }
  figcaption {
    display: flex;
    align-items: center;
    justify-content: space-between;
    min-block-size: 1.625rem;
    padding-inline: 0.625rem 0.25rem;
    color: var(--color-text-muted);
    font: var(--type-meta);
    user-select: none;
  }
  .code.plain figcaption {
    position: absolute;
    inset-block-start: 0.1875rem;
    inset-inline-end: 0;
    padding: 0 0.25rem;
    border-radius: var(--radius-control);
    background: var(--color-code);
  }
  .code.plain pre {
    padding-block-start: 0.5rem;
  }
  figcaption button {
    all: unset;
    display: grid;
    place-items: center;
    inline-size: 1.5rem;
    block-size: 1.5rem;
    border-radius: 4px;
    color: var(--color-text-muted);
    cursor: pointer;
  }
  figcaption button:hover {
    color: var(--color-text);
    background: var(--color-surface-hover);
  }
  figcaption button:focus-visible,
  .mention:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: 1px;
  }
  pre {
    margin: 0;
    padding: 0 0.625rem 0.5rem;
    overflow-x: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--color-border-control) transparent;
    white-space: pre;
    overflow-wrap: normal;
    color: var(--color-code-text);
    text-align: left;
  }
  @media print {
    pre {
      overflow: visible;
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    figcaption button {
      display: none !important;
    }
  }
  pre:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: -2px;
  }

  .mention {
    all: unset;
    padding-inline: 0.1875rem;
    border-radius: 4px;
    /* of its own, since the row may be tinted too */
    background: color-mix(in oklab, var(--color-accent) 8%, var(--color-surface));
    color: var(--color-accent-text);
    font-weight: 500;
    cursor: pointer;
  }
  strong.mention {
    cursor: default;
  }
  button.mention:hover {
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .mention.me {
    background: color-mix(in oklab, var(--color-attention-mark) 14%, var(--color-surface));
    color: var(--color-attention);
  }

  .hljs-comment,
  .hljs-quote,
  .hljs-meta {
    color: var(--color-code-quiet);
  }
  .hljs-keyword,
  .hljs-selector-tag,
  .hljs-literal,
  .hljs-type,
  .hljs-name {
    color: var(--color-code-keyword);
  }
  .hljs-string,
  .hljs-regexp,
  .hljs-addition,
  .hljs-attribute,
  .hljs-template-tag,
  .hljs-link {
    color: var(--color-code-string);
  }
  .hljs-number,
  .hljs-symbol,
  .hljs-bullet,
  .hljs-variable,
  .hljs-template-variable,
  .hljs-deletion {
    color: var(--color-code-number);
  }
  .hljs-title,
  .hljs-section,
  .hljs-built_in,
  .hljs-attr,
  .hljs-selector-id,
  .hljs-selector-class {
    color: var(--color-code-name);
  }
`
