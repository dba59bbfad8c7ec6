import { css } from 'lit'

/** Lists of messages that lead to their place: search results, links, pins and saved messages. */
export const hitStyles = css`
  .hits {
    display: flex;
    flex-direction: column;
  }
  .place {
    display: flex;
    align-items: center;
    gap: 6px;
    margin: 0;
    padding: var(--space-4) var(--space-2) var(--space-1);
    color: var(--color-text-muted);
    font: var(--type-label);
  }
  .place bdi {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .hit {
    all: unset;
    box-sizing: border-box;
    inline-size: 100%;
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    column-gap: var(--space-3);
    padding: var(--space-2);
    border-radius: var(--radius-control);
    cursor: pointer;
    --avatar-size: 1.75rem;
    content-visibility: auto;
    contain-intrinsic-block-size: auto 64px;
  }
  .hit:hover {
    background: var(--color-surface-hover);
  }
  .hit:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: -2px;
    background: var(--color-surface-hover);
  }
  .hit .who {
    display: flex;
    align-items: baseline;
    gap: var(--space-2);
    min-inline-size: 0;
    font: var(--type-secondary);
  }
  .hit .who bdi {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-weight: 600;
  }
  .hit time {
    flex: none;
    margin-inline-start: auto;
    color: var(--color-text-muted);
    font: var(--type-meta);
    font-variant-numeric: tabular-nums;
  }
  .hit p {
    margin: 0;
    overflow: hidden;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    overflow-wrap: anywhere;
    white-space: pre-line;
    font: var(--type-secondary);
    color: var(--color-text);
  }
  .older {
    display: flex;
    margin: var(--space-2) auto var(--space-3);
  }
  /* A pinned or saved message is read here, not only found: it is shown as in a conversation. */
  .kept {
    position: relative;
  }
  .kept + .kept {
    border-block-start: 1px solid var(--color-border);
  }
  .kept .hit {
    --avatar-size: 2.25rem;
    margin-block: var(--space-1);
    contain-intrinsic-block-size: auto 96px;
  }
  .kept .hit .who {
    font: var(--type-name);
  }
  .kept .hit p:not(.file, .below) {
    -webkit-line-clamp: 8;
    font: var(--type-body);
  }
  .kept .hit p.file,
  .kept .hit p.below {
    margin-block-start: var(--space-1);
  }
  .kept img {
    display: block;
    max-inline-size: min(100%, 15rem);
    max-block-size: 9rem;
    margin-block-start: var(--space-2);
    border-radius: var(--radius-control);
    background: var(--color-button);
    outline: 1px solid var(--color-border);
    outline-offset: -1px;
  }
  .kept .away {
    position: absolute;
    inset-block-start: 4px;
    inset-inline-end: 4px;
    inline-size: 26px;
    block-size: 26px;
    background: var(--color-surface-floating);
    box-shadow: var(--shadow-raised);
  }
  @media (hover: hover) {
    .kept .away {
      opacity: 0;
    }
    .kept:hover .away,
    .kept:focus-within .away {
      opacity: 1;
    }
    .kept:hover time,
    .kept:focus-within time {
      visibility: hidden;
    }
  }
  @media (hover: none) {
    .kept .who {
      padding-inline-end: 30px;
    }
  }
  .hit p.below {
    display: flex;
    align-items: center;
    gap: var(--space-1);
    margin-block-start: 2px;
    color: var(--color-text-muted);
    font: var(--type-meta);
  }
  .hit p.file {
    display: flex;
    align-items: center;
    gap: 6px;
    color: var(--color-text-muted);
  }
  mark {
    border-radius: 3px;
    background: var(--color-attention-tint);
    color: inherit;
    font-weight: 600;
    box-shadow: 0 0 0 1px var(--color-attention-tint);
  }
  @media (forced-colors: active) {
    mark {
      background: Mark;
      color: MarkText;
    }
  }
`

export const searchStyles = css`
  .field {
    flex: 1;
    min-inline-size: 0;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    padding-inline: 10px 4px;
    min-block-size: 34px;
    border: 1px solid var(--color-border-field);
    border-radius: var(--radius-control);
    background: var(--color-control);
    color: var(--color-text-muted);
  }
  .field:focus-within {
    border-color: var(--color-focus);
    outline: 1px solid var(--color-focus);
  }
  .field input {
    all: unset;
    flex: 1;
    min-inline-size: 0;
    color: var(--color-text);
    font: var(--type-body);
  }
  .field input::placeholder {
    color: var(--color-text-muted);
  }
  .field .icon-button {
    inline-size: 26px;
    block-size: 26px;
  }
  .bar {
    padding-inline: var(--space-4) var(--space-3);
    gap: var(--space-2);
  }
  .chips,
  .narrow {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
    padding: var(--space-2) var(--space-4);
  }
  .chips {
    padding-block-end: 0;
  }
  .narrow {
    border-block-end: 1px solid var(--color-border);
  }
  .chip,
  .narrow button {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    max-inline-size: 100%;
    min-block-size: 26px;
    padding: 0 10px;
    border: 1px solid var(--color-border-control);
    border-radius: var(--radius-pill);
    background: transparent;
    color: var(--color-text-muted);
    font: var(--type-label);
    cursor: pointer;
  }
  .chip {
    padding-inline-end: 6px;
    border-color: transparent;
    background: var(--color-accent-tint);
    color: var(--color-accent-text);
  }
  .chip bdi {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .narrow button:hover {
    background: var(--color-surface-hover);
    color: var(--color-text);
  }
  .option {
    all: unset;
    box-sizing: border-box;
    inline-size: 100%;
    display: flex;
    align-items: center;
    gap: var(--space-3);
    min-block-size: 36px;
    padding: var(--space-1) var(--space-2);
    border-radius: var(--radius-control);
    cursor: pointer;
    --avatar-size: 1.5rem;
  }
  .option bdi {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .option:hover,
  .option[aria-selected='true'] {
    background: var(--color-surface-hover);
  }
  .option:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: -2px;
  }
  .option hb-icon {
    flex: none;
    color: var(--color-text-muted);
  }
  .label {
    display: flex;
    align-items: center;
    justify-content: space-between;
    margin: 0;
    padding: var(--space-2) var(--space-2) var(--space-1);
    color: var(--color-text-muted);
    font: var(--type-label);
  }
  .note {
    margin: 0;
    padding: var(--space-2);
    color: var(--color-text-muted);
    font: var(--type-secondary);
  }
`
