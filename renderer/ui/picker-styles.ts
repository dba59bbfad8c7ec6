import { css } from 'lit'

/** A text field and its list of results: users, groups, pages. */
export const pickerStyles = css`
  .box {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    padding: 4px 6px;
    border: 1px solid var(--color-border-field);
    border-radius: var(--radius-control);
    background: var(--color-control);
    cursor: text;
  }
  .box:focus-within {
    border-color: var(--color-focus);
    box-shadow: 0 0 0 1px var(--color-focus);
  }
  .box > hb-icon {
    margin-inline-start: 4px;
    color: var(--color-text-muted);
  }
  .box input {
    flex: 1;
    min-inline-size: 120px;
    block-size: 30px;
    padding: 0 4px;
    border: 0;
    outline: 0;
    background: none;
    color: var(--color-text);
    font: var(--type-body);
  }
  .box input::placeholder {
    color: var(--color-text-muted);
    opacity: 1;
  }
  .label {
    display: block;
    margin-block-end: 6px;
    font: var(--type-label);
  }
  .chip {
    --avatar-size: 1.25rem;
    display: inline-flex;
    align-items: center;
    gap: 6px;
    max-inline-size: 100%;
    block-size: 28px;
    padding: 0 2px 0 4px;
    border-radius: var(--radius-pill);
    background: var(--color-button);
    font: var(--type-secondary);
  }
  .chip span {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .chip .icon-button {
    inline-size: 24px;
    block-size: 24px;
    border-radius: var(--radius-pill);
  }
  .results {
    margin-block-start: var(--space-2);
  }
  .result {
    --avatar-size: 2rem;
    --avatar-ring: var(--color-surface-floating);
    display: flex;
    align-items: center;
    gap: 10px;
    min-block-size: 46px;
    padding: 6px 10px;
    border-radius: var(--radius-control);
    cursor: pointer;
  }
  .result[aria-selected='true'] {
    background: var(--color-surface-selected);
  }
  .result > div {
    flex: 1;
    min-inline-size: 0;
  }
  .first,
  .second {
    display: block;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .second {
    font: var(--type-secondary);
    color: var(--color-text-muted);
  }
  .heading {
    padding: var(--space-2) 10px var(--space-1);
    font: var(--type-meta);
    font-weight: 500;
    color: var(--color-text-muted);
  }
`
