import { css } from 'lit'

/** A link that is shown once, to be copied whole. */
export const linkBoxStyles = css`
  .link-box {
    padding: var(--space-3);
    border: 1px solid var(--color-border-control);
    border-radius: var(--radius-control);
    background: var(--color-control);
    font: var(--type-code);
    overflow-wrap: anywhere;
    user-select: all;
    -webkit-user-select: all;
  }
`
